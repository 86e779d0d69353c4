#!/usr/bin/env bash
# Install what is missing: Debian packages, and a virtual environment for the Python that Orthanc's plugin embeds.
#
#   tools/setup.sh run|test|docker|scale|bench
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:?run, test, docker, scale or bench}
packages=(orthanc orthanc-python python3-venv)
extras=pixels,ocr
case $purpose in
  run) groups=() ;;
  test)
    packages+=(chromium chromium-driver cmake curl dcm2niix dcmtk dicom3tools jq libegl1 libgdcm-tools ninja-build openssl
      orthanc-dicomweb postgresql)
    groups=(dev)
    ;;
  docker) packages+=(buildah crun dcmtk debootstrap libnginx-mod-stream nginx-light postgresql); groups=(dev docker) ;;
  scale) packages+=(default-jre-headless); groups=(dev scale) ;;
  bench) packages+=(dcmtk libegl1 libgdcm-tools openssl postgresql); groups=(dev bench) ;;
  *) echo "setup: unknown purpose '$purpose'" >&2; exit 2 ;;
esac

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "Installing Debian packages: ${missing[*]}"
  as_root=()
  if ((EUID)); then
    command -v sudo >/dev/null || fail "needs root to install: run 'apt-get install ${missing[*]}' as root, then this again"
    as_root=(sudo)
  fi
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "apt-get could not install ${missing[*]} (its last words above)"; }
  rm -f "$log"
fi

plugin=/usr/share/orthanc/plugins/libOrthancPython.so
[[ -e $plugin ]] || fail "$plugin is missing: is orthanc-python installed?"
version=$(ldd "$plugin" | grep -o 'libpython3\.[0-9]*' | head -n 1)
python=/usr/bin/${version#lib}
[[ -x $python ]] || fail "$python, which Orthanc's plugin embeds, is missing"

stamp=.venv/.greycloak-$purpose
wanted="$python $(sha256sum pyproject.toml | cut -d ' ' -f 1) $PWD"
if [[ ! -x .venv/bin/python || $(cat "$stamp" 2>/dev/null) != "$wanted" ]]; then
  echo "Preparing the virtual environment .venv for $python (a minute or two the first time)"
  "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
  .venv/bin/python -m pip install --quiet --editable ".[$extras]" "${groups[@]/#/--group=}" \
    || fail "pip could not install Greycloak's dependencies (its last words above)"
  printf '%s\n' "$wanted" >"$stamp"
fi
