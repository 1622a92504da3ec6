# Finds a Java without starting one: starting it to ask its version costs more than a short command.
# To be sourced; runs nothing on its own.
# shellcheck shell=bash
# shellcheck disable=SC2034  # what is set here is for the caller

# read_java_version HOME: sets java_version (such as 17.0.15) and java_major (17); fails if HOME holds no Java.
read_java_version() {
  local key value output
  java_version='' java_major=0
  [[ -x $1/bin/java ]] || return 1
  if [[ -r $1/release ]]; then
    while IFS='=' read -r key value; do
      if [[ $key == JAVA_VERSION ]]; then
        java_version=${value//[\"$'\r']/}
        break
      fi
    done <"$1/release"
  fi
  if [[ -z $java_version ]]; then
    output=$("$1/bin/java" -version 2>&1) || return 1
    [[ $output =~ version\ \"([^\"]+)\" ]] || return 1
    java_version=${BASH_REMATCH[1]}
  fi
  [[ $java_version =~ ^([0-9]+) ]] || return 1
  java_major=${BASH_REMATCH[1]}
}

# find_java MIN MAX PROGRAM HOME...: sets java_home to the first HOME, then to that of PROGRAM on the PATH, then
# to the first under /usr/lib/jvm, whose version is in MIN to MAX and which has bin/PROGRAM (java, or javac for a
# JDK); java_version and java_major follow. Empty HOMEs are skipped.
find_java() {
  local min=$1 max=$2 program=$3 on_path home
  shift 3
  on_path=$(command -v "$program" 2>/dev/null) && on_path=$(readlink -f -- "$on_path") || on_path=''
  for home in "$@" "${on_path%/bin/*}" /usr/lib/jvm/*; do
    if [[ -n $home && -x $home/bin/$program ]] && read_java_version "$home" \
      && ((java_major >= min && java_major <= max)); then
      java_home=$home
      return 0
    fi
  done
  java_home='' java_version='' java_major=0
  return 1
}
