#!/usr/bin/env bash
# Publish a year: restore what is kept, ask, build, freeze, export, write the site, and keep what was landed.
#
#   deploy/publish.sh YEAR STORE OUT [URL]
#
#   YEAR   the year that is frozen
#   STORE  a folder that outlives this machine: kept.tar holds landing and editions; may be empty, or not there yet
#   OUT    what is published: adoption.duckdb, export/, site/, CITATION.cff, diff.csv, summary.txt
#   URL    where the site will be served
#
# ADOPTION is the command (by default that of .venv), ADOPTION_DATA the data folder, as everywhere.
#
# Killed at any point it is started again with the same words: each step finds what it has done and goes on. Where
# nothing is new, nothing is built and no edition made. Exit code 0: published. 3: published, but a source did not
# answer or is red. 1: not published; OUT is as it was, as far as the summary says.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
year=$1 store=$2 out=$3 url=${4:-http://localhost:8000/}
root=$(cd "$(dirname "$0")/.." && pwd)
adoption=${ADOPTION:-$root/.venv/bin/adoption}
data=${ADOPTION_DATA:-$root/data}
export ADOPTION_DATA=$data
kept=$store/kept.tar
mkdir -p "$store" "$out" "$data/landing" "$data/editions"

summary=() step="" code=0 edition=""

say() { summary+=("$(printf '%-8s %s' "$1" "$2")"); }

# Whatever happens, the last thing that is printed is one summary; it is a file too.
finish() {
  ended=$?
  [ "$ended" -eq 0 ] || say "$step" "STOPPED with exit code $ended; start again with the same words"
  echo "==> summary"
  printf '%s\n' "${summary[@]}" | tee "$out/.summary.txt"
  mv -f "$out/.summary.txt" "$out/summary.txt"
}
trap finish EXIT

# Run `adoption` as a step; 3 means done, but something is missing, and ends in exit code 3 of all.
run() {
  step=$1 && shift
  echo "==> $step"
  local ended=0
  "$adoption" "$@" >"$out/.step.txt" 2>&1 || ended=$?
  cat "$out/.step.txt"
  said=$(grep -v '^ *$' "$out/.step.txt" | tail -n 1 || true)
  rm -f "$out/.step.txt"
  case $ended in
    0) say "$step" "$said" ;;
    3) say "$step" "$said (exit code 3)" ;;
    *) return "$ended" ;;
  esac
  [ "$ended" -eq 0 ] || return 3
}

# A file or folder of the data folder is published whole: under another name first.
place() {
  rm -rf "$out/.$2"
  cp "$1" "$out/.$2"
  chmod u+w "$out/.$2"
  mv -f "$out/.$2" "$out/$2"
}

step=restore
echo "==> restore"
if [ -f "$data/.restored" ]; then
  say restore "the data folder is there already"
elif [ -f "$kept" ]; then
  tar -C "$data" -xf "$kept"
  say restore "landing and editions from $kept"
else
  say restore "nothing is kept yet"
fi
touch "$data/.restored"

run refresh refresh --no-build || { [ $? -eq 3 ] && code=3; }
run check check
run build build --wait || { [ $? -eq 3 ] && code=3; }
run ready ready "$year" || [ $? -eq 3 ] # what is still to come is no failure
run freeze freeze "$year"
edition=${said##*/}

step=diff
before=$(cd "$data/editions" && for name in [0-9]*.[0-9]*; do echo "$name"; done | sort -t. -k1,1n -k2,2n \
  | awk -v now="$edition" '$0 == now { exit } { last = $0 } END { print last }')
if [ -n "$before" ]; then
  run diff diff "$before" "$edition"
  "$adoption" diff "$before" "$edition" --csv >"$out/.diff.csv"
  mv -f "$out/.diff.csv" "$out/diff.csv"
else
  say diff "$edition is the first edition"
fi

run export export "$out/export"
run site site "$out/site" --url "$url"

step=place
place "$data/editions/$edition/adoption.duckdb" adoption.duckdb
place "$data/editions/$edition/CITATION.cff" CITATION.cff

step=keep
tar -C "$data" -cf "$kept.part" landing editions
mv -f "$kept.part" "$kept"
digest=$(sed -n 's/.*"content_sha256": "\([0-9a-f]*\)".*/\1/p' "$data/editions/$edition/manifest.json" | head -n 1)
say edition "$edition, content sha256 $digest"
step=done
[ "$code" -eq 0 ] || { trap - EXIT; finish; exit "$code"; }
