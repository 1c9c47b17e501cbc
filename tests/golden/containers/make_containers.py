#!/usr/bin/env python3
"""Writes the small .pth files beside this script, each in both containers, for the tests of the readers.

Needs torch. The tests themselves need no Python: the files are committed. Every element of a tensor is an integer / 4 (or an
integer, or a truth value), so that all types hold it exactly and the tests can compute it again.
"""
import collections, io, os, pickle, struct
import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def both(name, obj):
    torch.save(obj, os.path.join(HERE, name + "_zip.pth"))
    torch.save(obj, os.path.join(HERE, name + "_legacy.pth"), _use_new_zipfile_serialization=False)


def ramp(*shape):
    """0, 1/4, 2/4, ... in row-major order."""
    n = 1
    for s in shape:
        n *= s
    return (torch.arange(n, dtype=torch.float32) / 4).reshape(shape)


def main():
    base = ramp(4, 6)
    deep = ramp(2, 3, 4, 5)
    both("strided", {
        "base": base,
        "shared": base,                         # the same storage, the same view
        "transposed": base.t(),
        "row": base[2],
        "column": base[:, 3],
        "block": base[1:3, 2:5],
        "steps": base[::2, ::3],
        "scalar_view": base[3, 5],
        "flat_tail": base.flatten()[20:],
        "permuted": deep.permute(3, 1, 0, 2),
        "expanded": ramp(3)[:, None].expand(3, 4),
        "channels_last": deep.to(memory_format=torch.channels_last),
        "own": ramp(5),
    })
    both("types", {
        "f64": ramp(7).double(), "f32": ramp(7), "f16": ramp(7).half(), "bf16": ramp(7).bfloat16(),
        "i64": torch.arange(7) - 3, "i32": torch.arange(7, dtype=torch.int32) - 3, "i16": torch.arange(7, dtype=torch.int16) - 3,
        "i8": torch.arange(7, dtype=torch.int8) - 3, "u8": torch.arange(7, dtype=torch.uint8), "boolean": torch.arange(7) % 2 == 1,
        "u16": torch.arange(7, dtype=torch.int32).to(torch.uint16), "u32": torch.arange(7).to(torch.uint32),
    })
    net = torch.nn.Linear(2, 3)
    net.weight.data, net.bias.data = ramp(3, 2), ramp(3)
    tagged = torch.nn.Parameter(ramp(2))
    tagged.note = "an attribute"
    both("nested", {
        "state_dict": {"x": ramp(2, 2), "deep": collections.OrderedDict([("y", ramp(3))])},
        "parameters": {"weight": net.weight, "bias": net.bias, "tagged": tagged},
        "optimizer": {"state": {0: {"exp_avg": ramp(2), "step": 7}, 10: {"exp_avg": ramp(1)}}, "param_groups": [{"lr": 2e-4, "params": [0, 10]}]},
        "epoch": 3, "name": "a text", "ratio": 0.5, "none": None, "flag": True, "big": 2 ** 70, "shape": torch.Size([1, 2]),
        "dtype": torch.float32, "device": torch.device("cpu"), "list": [ramp(2)],
        "zero_d": torch.tensor(2.5), "empty": torch.zeros(0), "empty_sides": torch.zeros(3, 0, 2), "one": ramp(2)[1:],
    })
    both("tiny", {"w": ramp(2, 2), "b": ramp(1)})
    for protocol in (3, 4, 5):
        torch.save({"w": ramp(2, 2), "b": ramp(1)}, os.path.join(HERE, f"tiny_protocol{protocol}_zip.pth"), pickle_protocol=protocol)
    first_release()


def first_release():
    """By hand, the older stream as Python 2 and the first releases of PyTorch wrote it: byte strings, memo numbers from 1, an
    OrderedDict made from a list of pairs, a storage from a GPU, _rebuild_tensor, and a storage that is a part of another."""
    text = lambda s: b"U" + bytes([len(s)]) + s.encode()
    small = lambda n: b"K" + bytes([n])
    tup = lambda *parts: b"(" + b"".join(parts) + b"t"
    storage = lambda key, view: tup(text("storage"), b"ctorch.cuda\nFloatStorage\n", text(key), text("cuda:0"), small(6), view) + b"Q"
    tensor = lambda store, offset, size, stride: (b"ctorch._utils\n_rebuild_tensor\n" + tup(store, small(offset), tup(*map(small, size)), tup(*map(small, stride))) + b"R")
    pairs = [("w", tensor(storage("70", b"N"), 0, (2, 3), (3, 1))),
             ("part", tensor(storage("70", tup(text("71"), small(2), small(4))), 1, (3,), (1,)))]
    body = b"\x80\x02ccollections\nOrderedDict\nq\x01]q\x02(" + b"".join(b"]" + b"(" + text(k) + v + b"e" for k, v in pairs) + b"e\x85Rq\x03."
    out = io.BytesIO()
    for value in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}):
        pickle.dump(value, out, protocol=2)
    out.write(body)
    out.write(b"\x80\x02]q\x01" + text("70") + b"a.")
    out.write(struct.pack("<q6f", 6, *(i / 4 for i in range(6))))
    with open(os.path.join(HERE, "first_release_legacy.pth"), "wb") as f:
        f.write(out.getvalue())


if __name__ == "__main__":
    main()
