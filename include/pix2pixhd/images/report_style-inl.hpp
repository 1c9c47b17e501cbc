#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report_page.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::string_view report_style() {
  return R"css(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5b6675; --line: #dde2e8;
  --grid: #e8ebf0; --alarm: #b3261e; --alarm-back: #fdecea; --c0: #2f6fde; --c1: #d9730d; --c2: #148a58; --c3: #c92f4c;
  --c4: #7d4cc9; --c5: #6b7280 }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b2129; --ink: #e6eaf0; --soft: #9aa5b4;
  --line: #323b47; --grid: #2a323d; --alarm: #ff9d94; --alarm-back: #3b1f1f; --c0: #74a9ff; --c1: #ffab57; --c2: #56cc95;
  --c3: #ff8195; --c4: #c0a1fa; --c5: #a3acb9 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1.25rem 1rem 3rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem }
h3 { font-size: 1rem; margin: 0 0 .25rem }
p { margin: .5rem 0 }
a { color: inherit }
.soft { color: var(--soft) }
.small { font-size: .875rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem;
  margin: 0 0 1rem }
.alarm { background: var(--alarm-back); border: 1px solid var(--alarm); color: var(--alarm) }
.alarm p { margin: .15rem 0 }
.bar { height: .5rem; border-radius: .25rem; background: var(--grid); overflow: hidden; margin: .6rem 0 }
.bar div { height: 100%; background: var(--c0); border-radius: .25rem }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem }
.grid .card { margin: 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left; padding-left: 0; min-width: 9rem }
th { font-weight: 600; color: var(--soft); font-size: .875rem }
tr:last-child td { border-bottom: 0 }
table.facts td { text-align: left; overflow-wrap: anywhere }
table.facts td:first-child { color: var(--soft); white-space: nowrap; width: 1% }
summary { cursor: pointer; font-weight: 600 }
details[open] summary { margin-bottom: .5rem }
svg { display: block; width: 100%; height: auto; font-size: 13px }
svg text { fill: var(--soft) }
svg .axis { stroke: var(--soft) } svg .rule { stroke: var(--grid) } svg .mark { stroke: var(--soft); stroke-dasharray: 2 4 }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round } svg .raw { fill: none; stroke-width: 1; opacity: .28 }
svg .level { fill: none; stroke-width: 1.5; stroke-dasharray: 6 5 }
.s0 { stroke: var(--c0) } .s1 { stroke: var(--c1) } .s2 { stroke: var(--c2) } .s3 { stroke: var(--c3) }
.s4 { stroke: var(--c4) } .s5 { stroke: var(--c5) }
.f0 { fill: var(--c0) } .f1 { fill: var(--c1) } .f2 { fill: var(--c2) } .f3 { fill: var(--c3) } .f4 { fill: var(--c4) }
.f5 { fill: var(--c5) }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0 0 .4rem; padding: 0; list-style: none;
  font-size: .875rem }
.legend svg { display: inline-block; width: 1.4rem; height: .6rem; margin-right: .35rem }
.legend b { font-weight: 600; font-variant-numeric: tabular-nums }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .75rem }
.strip { display: flex; gap: .5rem; overflow-x: auto; margin-top: .75rem; padding-bottom: .25rem }
.strip figure { flex: 0 0 8.5rem }
figure { margin: 0 } figure a { display: block }
img { display: block; width: 100%; height: auto; border-radius: .3rem; background: var(--grid) }
img.coarse { image-rendering: pixelated }
figcaption { font-size: .8125rem; color: var(--soft); margin-top: .2rem }
@media (max-width: 30rem) { body { padding: .9rem .7rem 2rem } h1 { font-size: 1.3rem } .card { padding: .75rem }
  svg { font-size: 18px } .pictures { gap: .5rem } }
)css";
}

}  // namespace pix2pixhd::inline v0::detail
