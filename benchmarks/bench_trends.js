// Run by bench_trends.py in a page of the UI: pictures of the same curves, ours and plain uPlot.
async ([tags, points, frames]) => {
  const { Chart } = await import("/static/js/trends/chart.js");
  const { Track } = await import("/static/js/trends/track.js");
  const uPlot = (await import("/static/vendor/uplot/uPlot.esm.js")).default;
  const start = 1795521600, step = 1;
  const wave = (k, i) => Math.round(1000 * (Math.sin(i / (900 + 70 * k)) + 0.3 * Math.sin(i / 7 + k))) / 10;
  const times = (k, apart) => Float64Array.from({ length: points }, (_, i) => start + i * step + (apart ? k / tags : 0));
  const values = (k) => Float64Array.from({ length: points }, (_, i) => wave(k, i));
  const colors = ["#1f6fb4", "#c2500b", "#2a8050", "#8a4fb0", "#a4741a", "#12868f", "#b5327a", "#5b6d1e"];
  const whole = points * step;
  const window_ = (n) => { // zoom in to a fifth and out again while going along
    const span = whole * (0.6 + 0.4 * Math.cos((2 * Math.PI * n) / frames)), from = start + (whole - span) * (n / frames);
    return [from, from + span];
  };
  const box = (name) => { const e = document.createElement("div"); e.style.cssText = "width:1100px;height:400px"; document.body.replaceChildren(e); return e; };
  const frame = () => new Promise((done) => requestAnimationFrame(done));

  async function run(draw) {
    draw(...window_(0));
    await frame(); await frame();
    const work = [], gaps = [];
    let before = performance.now();
    for (let n = 0; n < frames; n += 1) {
      const at = await frame(), begun = performance.now();
      draw(...window_(n));
      await Promise.resolve().then(() => {}).then(() => {}); // uPlot draws in a microtask
      work.push(performance.now() - begun);
      if (n) gaps.push(at - before);
      before = at;
    }
    const sorted = (list) => list.sort((a, b) => a - b), at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))];
    sorted(work); sorted(gaps);
    return { median: at(work, 0.5), p95: at(work, 0.95), gap: at(gaps, 0.5), gap95: at(gaps, 0.95) };
  }

  function ours() {
    const chart = new Chart(box(), { moved: () => {}, draws: () => {} });
    const lines = colors.slice(0, tags).map((color, k) => {
      const track = new Track();
      const t = times(k, true), v = values(k);
      for (let i = 0; i < points; i += 1) track.add(t[i], v[i], 192);
      return { tag: `t${k}`, unit: "kW", decimals: 1, color, track, shift: 0 };
    });
    chart.show(lines);
    return run((from, to) => chart.draw(from, to));
  }

  function plain(apart) {
    const tables = colors.slice(0, tags).map((_, k) => [times(k, apart), values(k)]);
    const data = apart ? uPlot.join(tables, tables.map(() => [0, 2])) : [tables[0][0], ...tables.map((table) => table[1])];
    const plot = new uPlot({ width: 1100, height: 400, legend: { show: false }, scales: { x: { time: true } },
      series: [{}, ...colors.slice(0, tags).map((stroke) => ({ stroke, width: 1.6, spanGaps: apart, points: { show: false } }))] }, data, box());
    return run((from, to) => plot.setScale("x", { min: from, max: to }));
  }

  const aligned = await plain(false), mine = await ours();
  return { ours: mine, joined: await plain(true), aligned };
}
