#!/usr/bin/env bash
# The programs that the tests start. As root on Debian or Ubuntu, installs what is missing; else says what is.
set -euo pipefail

export PATH="$PATH:/usr/sbin:/usr/local/sbin"

# What must be there (any of the names), and the Debian package that brings it.
needed=(
    "mariadbd|mysqld mariadb-server"
    "mariadb-install-db|mysql_install_db mariadb-server"
    "redis-server redis-server"
    "ffmpeg ffmpeg"
    "chromium|chromium-browser|google-chrome chromium"
    "chromedriver chromium-driver"
)

present() {
    local name
    for name in ${1//|/ }; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

missing() {
    local line
    for line in "${needed[@]}"; do
        present "${line% *}" || echo "$line"
    done
}

absent=$(missing)
if [ -z "$absent" ]; then exit 0; fi

packages=$(awk '{ print $2 }' <<<"$absent" | sort -u | xargs)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing what the tests need: $packages"
    export DEBIAN_FRONTEND=noninteractive
    # Nothing of it shall run by itself: the tests start their own, on free ports.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    apt-get install -y -qq --no-install-recommends $packages >/dev/null
    absent=$(missing)
    if [ -z "$absent" ]; then exit 0; fi
fi

{
    echo "The tests start real servers, and these programs are missing:"
    awk '{ split($1, names, "|"); printf "  %s (Debian package %s)\n", names[1], $2 }' <<<"$absent"
    echo "Install them and try again; on Debian and Ubuntu:"
    echo "  sudo apt-get install $packages"
} >&2
exit 1
