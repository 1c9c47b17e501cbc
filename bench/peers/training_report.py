"""The tables of training's figures, bench/results/training_cpu.md, from training_cpu.json."""
import comparison_page


def columns(figure, ours):
    seconds, memory = min(figure["seconds"]), figure["peak_bytes"]
    cells = {"seconds": f"{seconds:.3g}", "peak memory, MB": f"{memory / 1e6:.0f}", "times ours": f"{seconds / min(ours['seconds']):.2f}" if ours else "",
             "our part of its memory": f"{ours['peak_bytes'] / memory:.2f}" if ours else ""}
    if "gradient_difference" in figure:
        cells["difference of the gradient"] = f"{figure['gradient_difference']:.1e}"
    return cells | {"day": figure["date"]}


def words(runs):
    return (f"f32, batch 1, 2 threads; steps with least squares, feature matching and Adam; random weights; the minimum of {runs} runs or more. "
            "The gradient of the perceptual loss is compared with that of PyTorch eager, root mean square against root mean square. Made by "
            "`bench/peers/run.sh training`.")


def text(content):
    return comparison_page.text(content, "Training beside PyTorch", words, columns)
