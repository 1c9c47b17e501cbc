"""What a figure was measured on: the machine, and the versions of what ran there."""
import os
import platform

VECTOR_FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16")


def _cpuinfo():
    fields = {}
    with open("/proc/cpuinfo") as file:
        for line in file:
            key, colon, value = line.partition(":")
            if colon:
                fields.setdefault(key.strip(), value.strip())
    return fields


def _caches():
    """Sizes of the first processor's data caches, as the system tells them: {"L1": "32K", ...}."""
    folder, sizes = "/sys/devices/system/cpu/cpu0/cache", {}
    for index in sorted(name for name in os.listdir(folder) if name.startswith("index")) if os.path.isdir(folder) else []:
        part = lambda name: open(os.path.join(folder, index, name)).read().strip()
        if part("type") != "Instruction":
            sizes["L" + part("level")] = part("size")
    return sizes


def describe():
    cpu = _cpuinfo()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": cpu.get("model name", platform.processor()),
            "family": f"family {cpu.get('cpu family', '?')} model {cpu.get('model', '?')}",
            "cores": os.cpu_count(), "vector": [flag for flag in VECTOR_FLAGS if flag in cpu.get("flags", "").split()],
            "caches": _caches(), "memory_gib": round(memory / 2 ** 30), "system": platform.system()}


def kind():
    """How the pages of results of such processors are named: by what decides which kernels run there."""
    vector = describe()["vector"]
    return "cpu_amx" if "amx_bf16" in vector else "cpu" if "avx512f" in vector else "cpu_avx2"


def sentence(machine):
    """The description as a line of text."""
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    return (f"{machine['processor']} ({machine['family']}), {machine['cores']} cores, {' '.join(machine['vector'])}; caches {caches}; "
            f"{machine['memory_gib']} GiB; {machine['system']}")
