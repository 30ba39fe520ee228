"""Builds, checks and packs the functions for Amazon Linux 2023. Runs cargo; reads and writes files."""

import hashlib
import io
import json
import pathlib
import re
import shutil
import tempfile
import zipfile

from .command import output, run
from .console import say, stop

FUNCTIONS = ("newsletter", "volunteer", "chat", "enquiry")
# The version in `provided.al2023`. A binary that needs a newer one does not start there.
GLIBC = (2, 34)
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
MACHINES = {183: "arm64", 62: "x86_64"}  # e_machine in the ELF header
CROSS = "aarch64-linux-gnu-gcc"


def architecture():
    """The architecture to build for, and why it is not arm64."""
    host = re.search(r"^host: (\S+)$", output("rustc", "-vV"), re.M)
    host = host[1] if host else ""
    if host == TARGETS["arm64"]:
        return "arm64", None
    installed = TARGETS["arm64"] in output("rustup", "target", "list", "--installed").split()
    if installed and shutil.which(CROSS):
        return "arm64", None
    lacks = f"`{CROSS}` (Debian: gcc-aarch64-linux-gnu)" if installed else f"`rustup target add {TARGETS['arm64']}`"
    if host == TARGETS["x86_64"]:
        return "x86_64", f"arm64, which costs 20 % less, needs {lacks}"
    stop(
        f"functions for Amazon Linux cannot be built on {host or 'this machine, which has no Rust'}",
        "use those of a release: put its zips in a folder, and name it with BINARIES=…",
    )


def build(profile):
    """Builds the binaries and returns their folder."""
    built_for, why = architecture()
    say(f"building for {built_for}" + (f": {why}" if why else ""))
    target = TARGETS[built_for]
    environment = {}
    if built_for == "arm64" and shutil.which(CROSS):
        environment = {"CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER": CROSS, "CC_aarch64_unknown_linux_gnu": CROSS}
    run(
        *("cargo", "build", "--locked", "--profile", profile, "--target", target),
        *("-p", "daisychain-functions", "--features", "lambda,dynamodb,ses"),
        *(word for name in FUNCTIONS for word in ("--bin", name)),
        environment=environment,
    )
    metadata = json.loads(output("cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"))
    return pathlib.Path(metadata["target_directory"]) / target / profile


def built_for(binary):
    """The architecture in a binary's header."""
    header = binary.read_bytes()[:20]
    if header[:4] != b"\x7fELF":
        stop(f"{binary} is not a Linux binary", "build it on Linux, or use that of a release")
    machine = int.from_bytes(header[18:20], "little")
    return MACHINES.get(machine) or stop(f"{binary} is for a processor that AWS Lambda does not offer")


def too_new(symbols):
    """The glibc versions in objdump's output that are newer than Amazon Linux's."""
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([0-9.]+)", symbols)}
    return sorted(version for version in versions if version > GLIBC)


def check_glibc(binary):
    """Stops if a binary would not start on Amazon Linux."""
    symbols = output("objdump", "-T", str(binary))
    if not symbols:
        stop(f"`objdump -T {binary}` printed nothing", "install binutils")
    if found := too_new(symbols):
        names = ", ".join("GLIBC_" + ".".join(map(str, version)) for version in found)
        wanted = ".".join(map(str, GLIBC))
        stop(
            f"{binary.name} needs {names}, and Amazon Linux 2023 has GLIBC_{wanted}",
            "build on Debian 12 or another system with a glibc as old, or use the functions of a release",
        )


def pack(binary):
    """A zip with the binary as `bootstrap`: the same bytes for the same binary."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, binary.read_bytes())
    return packed.getvalue()


def zips(binaries):
    """The architecture, and each function's zip: {name: (bytes, digest)}."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: find(pathlib.Path(binaries), name, pathlib.Path(folder)) for name in FUNCTIONS}
        for file, _ in found.values():
            check_glibc(file)
        kinds = {built_for(file) for file, _ in found.values()}
        packed = {name: released or pack(file) for name, (file, released) in found.items()}
    if len(kinds) != 1:
        stop("the functions are for different architectures", "build all of them again, or use those of one architecture")
    for name, data in packed.items():
        say(f"{name}: {len(data) / 1e6:.1f} MB")
    return kinds.pop(), {name: (data, hashlib.sha256(data).hexdigest()) for name, data in packed.items()}


def find(binaries, name, unpacked):
    """(binary, None) for a function that was built; (unpacked binary, zip) for one of a release."""
    if (binaries / name).is_file():
        return binaries / name, None
    found = sorted(binaries.glob(f"{name}-*.zip"))
    if len(found) != 1:
        stop(f"{binaries} has {'no' if not found else 'more than one'} `{name}`", "put a binary or one zip of a release there")
    with zipfile.ZipFile(found[0]) as archive:
        (unpacked / name).write_bytes(archive.read("bootstrap"))
    return unpacked / name, found[0].read_bytes()
