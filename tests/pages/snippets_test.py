# SPDX-License-Identifier: MIT
"""Every snippet of a page is there, between its two marks, and fits the page in 84 columns, without the indent that all lines share
and without the /// that Doxygen takes out. A patch that a page tells to apply fits the code. And no percent sign stands where
Doxygen takes it for a command's."""
import os
import pathlib
import re
import shutil
import subprocess
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]

bad = []
for page in sorted([*ROOT.glob("chapters/*/tutorial*.md"), *ROOT.glob("docs/*.md")]):
    text = page.read_text(encoding="utf-8")
    bad += [f"{page.relative_to(ROOT)}: Doxygen takes the % away: {found}" for found in re.findall(r".{,12}[0-9] %[^\x00-\x7f].{,9}", text)]
    for patch in set(re.findall(r"(?m)^git apply (\S+\.patch)$", text)) if shutil.which("git") else ():
        done = subprocess.run(["git", "apply", "--check", patch], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "GIT_DIR": os.devnull})  # also where git distrusts the owner of the folder
        bad += [f"{page.relative_to(ROOT)}: {done.stderr.strip()}"] if done.returncode else []
    for file, name in re.findall(r"(?m)^\\snippet (\S+) (.+?)\s*$", text):
        where = f"{page.relative_to(ROOT)}: {file} [{name}]"
        pieces = re.split(rf"(?m)^.*//! \[{re.escape(name)}\].*\n", (ROOT / file).read_text(encoding="utf-8"))
        if len(pieces) != 3:
            bad.append(f"{where}: {len(pieces) - 1} marks")
            continue
        shown = re.sub(r"(?m)^\s*//[/!].*\n", "", pieces[1])
        bad += [f"{where}: {len(line)} columns: {line}" for line in textwrap.dedent(shown).splitlines() if len(line) > 84]
assert not bad, "\n" + "\n".join(bad)
