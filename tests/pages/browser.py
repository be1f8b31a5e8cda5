# SPDX-License-Identifier: MIT
"""A headless Chromium that tests steer through a pipe (Chrome DevTools Protocol), with the standard library alone."""
import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time


def find_chromium():
    """The path of Chromium or of Chrome, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Browser:
    """One tab. Messages about errors of the pages are collected in `errors`."""

    def __init__(self, executable, seconds=60):
        self.seconds = seconds
        self.errors = []
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        # Chromium reads commands from descriptor 3 and writes answers to descriptor 4; a shell puts them there.
        to_read, self.to_write = os.pipe()
        self.to_read, to_write = os.pipe()
        given = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (to_read, to_write)]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{given[0]} 4>&{given[1]}',
             executable, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-extensions", "--disable-background-networking", "--force-color-profile=srgb",
             "--allow-file-access-from-files", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}",
             "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=given)
        for end in (to_read, to_write, *given):
            os.close(end)
        self.buffer, self.number, self.events = b"", 0, []
        self.session = None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.call("Browser.close")
        except (OSError, RuntimeError):
            pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to_read)
        os.close(self.to_write)
        self.profile.cleanup()

    def receive(self, until):
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.to_read], [], [], left)[0]:
                raise RuntimeError("the browser does not answer")
            piece = os.read(self.to_read, 1 << 20)
            if not piece:
                raise RuntimeError("the browser ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(message)
        if "method" in message:
            self.note(message["method"], message["params"])
        return message

    def note(self, method, event):
        self.events.append((method, event))
        if method == "Runtime.exceptionThrown":
            detail = event["exceptionDetails"]
            self.errors.append(detail.get("exception", {}).get("description", detail["text"]))
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description", ""))) for a in event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] == "error":
            self.errors.append(f'{event["entry"]["text"]} {event["entry"].get("url", "")}')
        elif method == "Network.loadingFailed" and not event.get("canceled"):
            self.errors.append(f'not loaded ({event["errorText"]}): {event.get("type", "")}')

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self.seconds
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f'{method}: {answer["error"]["message"]}')
                return answer["result"]

    def window(self, width, height=900, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def media(self, kind="", dark=False):
        self.call("Emulation.setEmulatedMedia", media=kind,
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path, fragment=""):
        """Loads a file, and waits until it and its formulas are there."""
        self.events.clear()
        url = path if "://" in str(path) else pathlib.Path(path).resolve().as_uri()
        loader = self.call("Page.navigate", url=url + fragment)["loaderId"]
        until = time.monotonic() + self.seconds
        while not self.loaded(loader):
            self.receive(until)
        self.run("""new Promise(done => {
          const wait = () => window.MathJax && MathJax.Hub && MathJax.Hub.Queue
            ? MathJax.Hub.Queue(() => setTimeout(done, 0))
            : document.querySelector('script[src*="MathJax.js"]') ? setTimeout(wait, 20) : done();
          wait();
        })""")

    def loaded(self, loader):
        """True when that page, or one that it led to, is there; the page before it may still have been on its way."""
        steps = [event for method, event in self.events if method == "Page.lifecycleEvent"]
        first = next((i for i, step in enumerate(steps) if step["loaderId"] == loader), len(steps))
        return any(step["name"] == "load" for step in steps[first:])

    def run(self, script):
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            detail = answer["exceptionDetails"]
            raise RuntimeError(detail.get("exception", {}).get("description", detail["text"]))
        return answer["result"].get("value")

    def address(self, ends, seconds=10):
        """Waits until the address ends so, or does not; returns it."""
        until = time.monotonic() + seconds
        while True:
            try:
                address = self.run("location.href")
                if address.endswith(ends) or time.monotonic() > until:
                    return address
            except RuntimeError:  # between two pages
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def picture(self, file, whole=False):
        options = {}
        if whole:
            size = self.run("""(() => { const c = document.getElementById('doc-content') || document.documentElement;
              return [innerWidth, Math.max(document.documentElement.scrollHeight, c.scrollHeight + c.getBoundingClientRect().top)]; })()""")
            options = {"clip": {"x": 0, "y": 0, "width": size[0], "height": min(size[1], 16000), "scale": 1},
                       "captureBeyondViewport": True}
        data = self.call("Page.captureScreenshot", format="png", **options)["data"]
        pathlib.Path(file).write_bytes(base64.b64decode(data))

    def paper(self, file):
        data = self.call("Page.printToPDF", preferCSSPageSize=False, paperWidth=8.27, paperHeight=11.69)["data"]
        pathlib.Path(file).write_bytes(base64.b64decode(data))
