#!/bin/sh
# Builds the drivers' doubles, which the Java tests use, too.  build.sh OUT [asan|valgrind]
# With asan also the native tests, under the address and undefined-behaviour sanitizers, and runs
# them; with valgrind without sanitizers, and runs them under valgrind. Says so and succeeds where
# there is no compiler.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
main=$here/../../main/cpp
out=$1
cxx=${CXX:-g++}
flags="-std=c++17 -fPIC -pthread -Wall -Wextra ${HFX_NATIVE_STRICT:+-Werror}"

if ! command -v "$cxx" > /dev/null || [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
    echo "native tests: skipped, there is no $cxx for Linux on x86_64"
    exit 0
fi
newer() {
    [ -f "$1" ] && [ -z "$(find "$here" "$main" -newer "$1" -type f)" ]
}
mkdir -p "$out"
for driver in cuda ascend; do
    double=$out/lib${driver}_double.so
    newer "$double" || "$cxx" $flags -O1 -fvisibility=hidden -shared "$here/${driver}_double.cpp" \
        -o "$double"
done
sources=$(ls "$main"/*.cpp | grep -v '/jni\.cpp$')
case "${2:-}" in
asan)
    program=$out/native_test
    extra="-fsanitize=address,undefined -fno-sanitize-recover=all"
    runner= ;;
valgrind)
    program=$out/native_test_plain
    extra=
    runner="valgrind --quiet --trace-children=yes --error-exitcode=99 --leak-check=full
        --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect
        --fair-sched=yes" ;;
*) exit 0 ;;
esac
newer "$program" || "$cxx" $flags -O1 -g $extra $sources "$here"/*_test.cpp -ldl -o "$program"
if [ -f "${CUDA_HOME:-/usr/local/cuda}/include/cuda.h" ]; then
    "$cxx" $flags -fsyntax-only -isystem "${CUDA_HOME:-/usr/local/cuda}/include" \
        "$here/cuda_header_check.cpp"
    echo "native tests: the declarations match ${CUDA_HOME:-/usr/local/cuda}/include/cuda.h"
fi
$runner "$program" "$out/libcuda_double.so" "$out/libascend_double.so"
