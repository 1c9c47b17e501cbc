"""The page of bf16's errors, bench/results/accuracy_bf16.md, from accuracy_bf16.json."""


def text(content):
    versions = sorted({figure["version"] for case in content.values() for figure in case["instruction_sets"].values()})
    lines = ["# Pictures in bf16", "",
             f"Version: {', '.join(versions)}.", "",
             "How far pictures in bf16, of values from -1 to 1, are from that of PyTorch eager in f32: random weights N(0, 0.02), an invented map of a "
             "street, or one of noise. The instruction sets that the machine lacks were computed by AVX2 (`PIX2PIXHD_EMULATE`), with the roundings that "
             "they have. Made by `bench/peers/run.sh accuracy`.", "",
             "| | instruction set | largest difference | PSNR, dB |", "|---|---|---|---|"]
    for case in content.values():
        for name, figure in case["instruction_sets"].items():
            lines.append(f"| {case['title']} | {name} | {figure['largest_difference']:.1e} | {figure['psnr']:.1f} |")
    return "\n".join(lines) + "\n"
