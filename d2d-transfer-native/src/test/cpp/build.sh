#!/bin/sh
# Builds the drivers' doubles, which the Java tests use, too.  build.sh OUT [asan]
# With asan also the native tests, under the address and undefined-behaviour sanitizers, and runs
# them. Says so and succeeds where there is no compiler.
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
[ "${2:-}" = asan ] || exit 0

sources=$(ls "$main"/*.cpp | grep -v '/jni\.cpp$')
newer "$out/native_test" || "$cxx" $flags -O1 -g -fsanitize=address,undefined \
    -fno-sanitize-recover=all $sources "$here"/*_test.cpp -ldl -o "$out/native_test"
if [ -f "${CUDA_HOME:-/usr/local/cuda}/include/cuda.h" ]; then
    "$cxx" $flags -fsyntax-only -isystem "${CUDA_HOME:-/usr/local/cuda}/include" \
        "$here/cuda_header_check.cpp"
    echo "native tests: the declarations match ${CUDA_HOME:-/usr/local/cuda}/include/cuda.h"
fi
"$out/native_test" "$out/libcuda_double.so" "$out/libascend_double.so"
