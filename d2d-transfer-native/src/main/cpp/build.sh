#!/bin/sh
# Builds the native library with g++ alone: no SDK of a vendor is needed, drivers are found when the
# program runs. Without a compiler it says so and succeeds: the jar then has the pure-Java path only.
#
#   build.sh OUT JAVA_HOME   OUT is the folder that becomes the jar's root
#
# CXX names another compiler, HFX_NATIVE_STRICT=1 makes warnings errors.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1/native/linux-x86_64
java=$2
cxx=${CXX:-g++}

skip() {
    echo "native library: not built, $1; host memory goes through Java, GPUs and NPUs are out of reach"
    exit 0
}
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "this is no Linux on x86_64"
command -v "$cxx" > /dev/null || skip "there is no $cxx"
[ -f "$java/include/jni.h" ] || skip "$java has no include/jni.h"

library=$out/libhfxd2d.so
if [ -f "$library" ] && [ -z "$(find "$here" -newer "$library" -type f)" ]; then
    exit 0
fi
mkdir -p "$out"
"$cxx" -std=c++17 -O2 -fPIC -fvisibility=hidden -Wall -Wextra ${HFX_NATIVE_STRICT:+-Werror} \
    -ffile-prefix-map="$here"=. -pthread -I"$java/include" -I"$java/include/linux" \
    "$here"/*.cpp -shared -static-libstdc++ -static-libgcc -s \
    -Wl,--version-script="$here/exports.map" -Wl,--gc-sections -Wl,-z,defs -Wl,-z,relro,-z,now,-z,nodelete -ldl -o "$library.part"
mv "$library.part" "$library"
echo "native library: $library"
