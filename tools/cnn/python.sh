# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Python packages that a comparison with other programs needs: finding a Python that has them, and installing them.
#
# need_pytorch and need_engines say what is needed: its name, the modules to import, the packages of PyPI, the variable that
# names a Python, the folder for an environment of its own, and how much that takes.

torch_size="several gigabytes"
engines_size="400 MB"

need_pytorch() {
  product=PyTorch absent="PyTorch is not there" it=it
  modules=(torch) wheels=(torch torchvision numpy)
  variable=TORCH_PYTHON environment=build/torch size=$torch_size
}

need_engines() {
  product="ONNX Runtime and OpenVINO" absent="ONNX Runtime and OpenVINO are not both there" it=them
  modules=(onnxruntime openvino numpy) wheels=(onnxruntime openvino numpy)
  variable=ENGINES_PYTHON environment=build/engines size=$engines_size
}

# has_modules PYTHON: whether it can import all of `modules`.
has_modules() {
  local list
  list=$(printf ', %s' "${modules[@]}")
  "$1" -c "import ${list#, }" >/dev/null 2>&1
}

# find_python: sets `python` to one that has the modules, or to nothing.
find_python() {
  local candidate
  python=""
  if [ -n "${!variable:-}" ]; then
    has_modules "${!variable}" ||
      fail "$variable is ${!variable}, which cannot import ${modules[*]}" "name a Python with $product, or unset $variable"
    python=${!variable}
    return
  fi
  for candidate in python3 "$root/$environment/bin/python"; do
    if has_modules "$candidate"; then
      python=$candidate
      return
    fi
  done
}

# may_install_python: asks, unless --yes has answered or nobody is there to answer.
may_install_python() {
  local answer
  [ "$may_install" = yes ] || return 1
  [ -z "$say_yes" ] || return 0
  [ -t 0 ] && [ -t 2 ] || return 1
  printf '%s. Installing %s into %s takes %s. Install %s? [y/N] ' "$absent" "$it" "$environment" "$size" "$it" >&2
  read -r answer || return 1
  case $answer in [yY]*) return 0 ;; *) return 1 ;; esac
}

install_python() {
  may_install_python ||
    fail "$absent" "set $variable to a Python that has $it, or let --yes install $it into $environment ($size)"
  ensure_packages "comparison with $product" python3 python3-venv
  say "installing $product into $environment ($size)"
  python=$root/$environment/bin/python
  [ -z "$dry_run" ] || return 0
  open_log
  logged "making $environment" python3 -m venv "$root/$environment" || exit 1
  logged "installing $product" "$python" -m pip install --disable-pip-version-check "${wheels[@]}" ||
    fail "$product could not be installed" "check the network and the space on the disk, then try again; details: $log"
}
