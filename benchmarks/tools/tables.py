#!/usr/bin/env python3
"""Puts the tables of benchmarks/README.md into it, from what benchmarks/run has measured.

usage: tables.py [RESULTS.json [README.md]]

Replaces what stands between a line <!-- NAME --> and the next <!-- end -->, for each NAME of `tables` below."""
import json
import math
import os
import re
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(head, body):
    lines = [head, ["---"] * len(head)] + body
    return "\n".join(["| " + " | ".join(map(str, line)) + " |" for line in lines])


def ratios(a, b): return [x / y for x, y in zip(a, b)]


def quartiles(v):
    v = sorted(v)
    return v[len(v) // 4], v[-1 - len(v) // 4]


def cell(v):
    """Median and the range of the middle half."""
    return "%.2f (%.2f–%.2f)" % ((statistics.median(v),) + quartiles(v))


def mean(v): return math.exp(sum([math.log(x) for x in v]) / len(v)) if v else float("nan")


def single(data):
    columns = (("solo / no barriers", "heddle", "no-barriers"), ("second thread sleeps / solo", "heddle+idle", "heddle"), ("speed, CPython 3.11 = 1", "cpython", "heddle"))
    body, all_of = [], [[] for _ in columns]
    for name, r in sorted(data.items()):
        line = [name]
        for (_, a, b), v in zip(columns, all_of):
            if a not in r or b not in r: line.append("")
            else:
                q = ratios(r[a]["cpu"], r[b]["cpu"])
                v.append(statistics.median(q))
                line.append(cell(q))
        body.append(line)
    body.append(["**geometric mean**"] + ["**%.3f**" % mean(v) if v else "" for v in all_of])
    return rows(["program"] + [c[0] for c in columns], body)


def threads(data):
    counts = sorted({int(c) for r in data.values() for c in r.get("heddle", {}).get("wall", ())} - {1, 64})
    many = any(["64" in r["heddle"]["wall"] for r in data.values()])
    head = ["program", "wanted: 2 against 1"] + ["%d against 1" % c for c in counts] + ["2 × CPU time of 1 / CPU time of 2"] + (["64 against 2"] if many else []) + ["CPython 3.11, 2 against 1"]
    against = lambda w, more, less: cell(ratios(w[less], w[more])) if more in w else ""
    body = []
    for name, r in sorted(data.items(), key=lambda nr: -(nr[1]["heddle"]["target"] or 0)):
        w = r["heddle"]["wall"]
        line = [name, r["heddle"]["target"] or ""] + [against(w, str(c), "1") for c in counts]
        c = r["heddle"].get("cpu", {})
        line.append("%.2f" % (2 * min(c["1"]) / min(c["2"])) if "2" in c else "")
        if many: line.append(against(w, "64", "2"))
        body.append(line + [against(r.get("cpython", {"wall": {}})["wall"], "2", "1")])
    return rows(head, body)


def gaps(data):
    body = []
    for what, label in (("compute", "the other thread adds numbers"), ("allocate", "the other thread allocates"), ("heap", "the same, and 500 MB are alive"), ("collect", "the same, with a `gc.collect()` every half second")):
        for who, r in sorted(data.get(what, {}).items(), reverse=True):
            v = r["rounds"]
            per_second = lambda f: "%.0f" % statistics.median([f(m) / m["seconds"] for m in v])
            line = [label, who, "%.1f" % (statistics.median([m["max"] for m in v]) / 1000)]
            line += [per_second(lambda m, k=k: m["longer"][k]) for k in range(3)]
            if v[0]["counters"]:
                line += [per_second(lambda m: m["counters"]["collections_nursery"]), per_second(lambda m: m["counters"]["collections_young"] + m["counters"]["collections_full"])]
            else: line += ["", ""]
            body.append(line)
    return rows(["", "", "longest gap, ms", "gaps a second over 0.1 ms", "over 1 ms", "over 10 ms", "nursery collections a second", "collections a second that stop all threads"], body)


def stops(data):
    limits = ["under 0.1 ms", "0.1–1 ms", "1–10 ms", "10–100 ms", "0.1–1 s", "longer"]
    body = []
    for what, label in (("allocate", "small heap"), ("heap", "500 MB"), ("collect", "500 MB, `gc.collect()` every half second")):
        if "heddle" not in data.get(what, {}): continue
        v = [m["counters"] for m in data[what]["heddle"]["rounds"]]
        n = [sum([c["pauses"][k] for c in v]) for k in range(len(limits))]
        seen, p99 = 0, "–"
        for k in range(len(limits)):
            seen += n[k]
            if seen >= 0.99 * sum(n) and p99 == "–": p99 = limits[k]
        body.append([label, sum([c["collections_full"] for c in v]), sum([c["collections_young"] for c in v])] + n + [p99, "%.1f ms" % max([m["longest_pause_ns"] / 1e6 for m in data[what]["heddle"]["rounds"]])])
    return rows(["heap", "full", "young"] + limits + ["99th percentile", "longest"], body)


def server(data):
    r = data.get("server", {})
    if "cpython" not in r: return ""
    body = []
    for key, label in (("per_second", "requests a second"), ("p50", "median latency, µs"), ("p99", "99th percentile, µs"), ("max", "longest, µs")):
        a, b = [[m[key] for m in r[who]["rounds"]] for who in ("heddle", "cpython")]
        body.append([label, "%.0f" % statistics.median(a), "%.0f" % statistics.median(b), cell(ratios(a, b))])
    return rows(["", "Heddle", "CPython 3.11", "ratio"], body)


def start(data):
    body = []
    for name, r in sorted(data.items()):
        a, b = r["heddle"], r["cpython"]
        ms = lambda v: "%.1f" % (1000 * statistics.median(v))
        mb = lambda v: "%.1f" % (statistics.median(v) / 1024)
        body.append(["`%s`" % name, ms(a["cpu"]), ms(b["cpu"]), cell(ratios(a["cpu"], b["cpu"])), mb(a["rss"]), mb(b["rss"])])
    return rows(["", "CPU ms", "CPython's", "ratio", "peak MB", "CPython's"], body)


def costs(data):
    return "\n\n".join(["`%s`\n```\n%s\n```" % (name, data[key]["output"].strip("\n")) for key, name in (("transactions", "stm/costs.c"), ("collections", "gc/bench_gc.c")) if key in data])


tables = {"machine": lambda d: d.get("machine", ""), "single": lambda d: single(d.get("single", {})), "threads": lambda d: threads(d.get("threads", {})),
          "gaps": lambda d: gaps(d.get("pauses", {})), "stops": lambda d: stops(d.get("pauses", {})), "server": lambda d: server(d.get("pauses", {})),
          "start": lambda d: start(d.get("start", {})), "costs": lambda d: costs(d.get("costs", {}))}


def main():
    if len(sys.argv) > 3: sys.exit(__doc__)
    results = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "results.json")
    readme = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "..", "README.md")
    with open(results, encoding="utf-8") as f: data = json.load(f)
    with open(readme, encoding="utf-8") as f: text = f.read()
    for name, table in tables.items():
        text = re.sub(r"(<!-- %s -->\n).*?(<!-- end -->)" % name, lambda m: m[1] + table(data) + "\n" + m[2], text, flags=re.S)
    with open(readme, "w", encoding="utf-8") as f: f.write(text)


if __name__ == "__main__":
    main()
