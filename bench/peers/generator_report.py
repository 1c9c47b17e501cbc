"""The table of pictures' figures, bench/results/generator_cpu.md, from generator_cpu.json."""
import comparison_page


def columns(figure, ours):
    seconds = min(figure["seconds"])
    start = min(load + first for load, first in zip(figure["load_seconds"], figure["first_seconds"]))
    return {"seconds": f"{seconds:.2f}", "and before the first picture": f"{start - seconds:.2f}", "peak memory, MB": f"{figure['peak_bytes'] / 1e6:.0f}",
            "largest difference": f"{figure['largest_difference']:.1e}", "PSNR, dB": f"{figure['psnr']:.1f}",
            "times ours": f"{seconds / min(ours['seconds']):.2f}" if ours else "", "day": figure["date"]}


def words(runs):
    return (f"Batch 1, 2 threads where nothing else is said, random weights N(0, 0.02), from label map to picture; the minimum of {runs} pictures or more. "
            "\"Before the first picture\" is what loading the weights and making the first picture take beyond a later one. The pictures, of values from -1 "
            "to 1, are compared with that of PyTorch eager in f32. Made by `bench/peers/run.sh`.")


def text(content):
    return comparison_page.text(content, "The generator beside others", words, columns)
