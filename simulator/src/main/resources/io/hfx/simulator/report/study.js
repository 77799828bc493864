'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const names = Object.keys(data.policies);
const rates = data.scenario.run.rates;
// ten hues, each solid, then dashed, then dotted: a policy is a hue and a dash pattern
const hues = ['#4f86d9', '#e0912f', '#b0508f', '#35a0a8', '#c4574a', '#8a8f3a', '#7d6bd0', '#7b8494', '#5f9e4a', '#e07ab0'];
const dashes = [null, '7 3', '2 3'];
const others = names.filter(n => n !== 'hfx');
const colour = name => name === 'hfx' ? 'var(--ours)' : hues[others.indexOf(name) % hues.length];
const dash = name => name === 'hfx' ? null : dashes[Math.floor(others.indexOf(name) / hues.length) % dashes.length];
const hidden = new Set();
const percent = share => share == null ? '–' : (100 * share).toFixed(1);
const redraws = [];

function card(title, sub, wide) {
  const box = d3.select('#grid').append('section').attr('class', wide ? 'card wide' : 'card');
  box.append('h2').text(title);
  if (sub) box.append('p').attr('class', 'sub').text(sub);
  return box;
}

/** Lines over x with confidence intervals; series: {name, colour, points: [[x, y, halfWidth]]}. */
function plot(title, sub, series, o) {
  const box = card(title, sub);
  const W = 540, H = 300, m = { t: 10, r: 16, b: 40, l: 52 };
  const svg = box.append('svg').attr('viewBox', `0 0 ${W} ${H}`).attr('role', 'img').attr('aria-label', title);
  function draw() {
    svg.selectAll('*').remove();
    const shown = series.filter(s => !hidden.has(s.name) && s.points.length);
    const all = shown.flatMap(s => s.points);
    const x = o.labels ? d3.scalePoint(o.labels, [m.l, W - m.r]).padding(0.3)
      : d3.scaleLinear(d3.extent(o.x ?? all.map(p => p[0])), [m.l, W - m.r]);
    const values = all.map(p => p[1]).filter(v => o.log ? v > 0 : true);
    const y = o.share ? d3.scaleLinear([0, 1], [H - m.b, m.t])
      : o.log ? d3.scaleLog(d3.extent(values.length ? values : [1, 10]), [H - m.b, m.t]).nice()
        : d3.scaleLinear([Math.min(0, d3.min(values) ?? 0), d3.max(values) ?? 1], [H - m.b, m.t]).nice();
    const ticks = o.log ? y.ticks().filter(t => Math.log10(t) % 1 === 0) : y.ticks(6);
    svg.append('g').selectAll('line').data(ticks).join('line').attr('class', 'gridline')
      .attr('x1', m.l).attr('x2', W - m.r).attr('y1', y).attr('y2', y);
    svg.append('g').attr('class', 'axis').attr('transform', `translate(0,${H - m.b})`)
      .call(o.labels ? d3.axisBottom(x) : d3.axisBottom(x).ticks(7));
    svg.append('g').attr('class', 'axis').attr('transform', `translate(${m.l},0)`)
      .call(d3.axisLeft(y).tickValues(ticks).tickFormat(o.share ? d3.format('.0%') : d3.format('~s')));
    svg.append('text').attr('x', (m.l + W - m.r) / 2).attr('y', H - 6).attr('text-anchor', 'middle').text(o.xName);
    const clamp = v => o.share ? Math.max(0, Math.min(1, v)) : v;
    const usable = p => p[1] != null && (!o.log || p[1] > 0);
    const boundDashes = ['1 4', '7 4', '2 3 8 3', '12 4'];
    (o.bounds ?? []).forEach((b, i) => {
      const line = svg.append('g').attr('class', 'bound').attr('stroke-dasharray', boundDashes[i % boundDashes.length]);
      line.append('path').attr('d', d3.line(p => x(p[0]), p => y(p[1]))(b.points)).append('title').text(b.name);
      const ly = H - m.b - 10 - 15 * i;
      line.append('path').attr('d', `M${m.l + 8},${ly}h28`);
      svg.append('text').attr('class', 'boundname').attr('x', m.l + 42).attr('y', ly + 4).text(b.name);
    });
    for (const s of shown) {
      if (!o.log) {
        svg.append('g').attr('stroke', s.colour).attr('opacity', 0.6).selectAll('line').data(s.points.filter(p => p[2] > 0))
          .join('line').attr('x1', p => x(p[0])).attr('x2', p => x(p[0]))
          .attr('y1', p => y(clamp(p[1] - p[2]))).attr('y2', p => y(clamp(p[1] + p[2])));
      }
      svg.append('path').attr('fill', 'none').attr('stroke', s.colour).attr('stroke-width', s.name === 'hfx' ? 3 : 1.6)
        .attr('stroke-dasharray', dash(s.name))
        .attr('d', d3.line().defined(usable).x(p => x(p[0])).y(p => y(p[1]))(s.points));
      svg.append('g').selectAll('circle').data(s.points.filter(usable)).join('circle').attr('cx', p => x(p[0]))
        .attr('cy', p => y(p[1])).attr('r', s.name === 'hfx' ? 3.4 : 2.4).attr('fill', s.colour)
        .append('title').text(p => `${s.name}: ${o.share ? percent(p[1]) + ' %' : d3.format('.4~g')(p[1])} at ${p[0]}`);
    }
  }
  redraws.push(draw);
}

const over = (map, ci) => Object.entries(map ?? {}).map(([r, v]) => [+r, v, ci?.[r]]);
const perPolicy = (points) => names.map(n => ({ name: n, colour: colour(n), points: points(data.policies[n]) }));
const byRate = { xName: 'offered rate, multiple of sarathi’s saturated capacity', x: rates };

function bounds() {
  const b = data.bounds ?? {}, lines = [];
  if (b.unlimitedFleet >= 0) lines.push({ name: 'unlimited fleet', points: rates.map(r => [r, b.unlimitedFleet]) });
  if (b.clairvoyant) lines.push({ name: 'clairvoyant', points: over(b.clairvoyant) });
  for (const [name, map] of Object.entries(b.relaxed ?? {})) lines.push({ name, points: over(map) });
  return lines;
}

function goodput() {
  const box = card('Goodput', 'largest offered rate, requests/s, with that attainment', false);
  const levels = ['goodput90', 'goodput95', 'goodput99'];
  const rows = names.length, W = 540, H = 26 * rows + 46, m = { t: 4, r: 48, b: 40, l: 92 };
  const svg = box.append('svg').attr('viewBox', `0 0 ${W} ${H}`).attr('role', 'img').attr('aria-label', 'Goodput');
  redraws.push(() => {
    svg.selectAll('*').remove();
    const shown = names.filter(n => !hidden.has(n))
      .sort((a, b) => data.policies[b].goodput90 - data.policies[a].goodput90);
    const x = d3.scaleLinear([0, d3.max(shown, n => data.policies[n].goodput90) || 1], [m.l, W - m.r]);
    const y = d3.scaleBand(shown, [m.t, H - m.b]).padding(0.2);
    svg.append('g').attr('class', 'axis').attr('transform', `translate(0,${H - m.b})`).call(d3.axisBottom(x).ticks(6));
    svg.append('g').attr('class', 'axis').attr('transform', `translate(${m.l},0)`).call(d3.axisLeft(y).tickSize(0));
    svg.append('text').attr('x', (m.l + W - m.r) / 2).attr('y', H - 6).attr('text-anchor', 'middle')
      .text('requests/s: 90 % (pale), 95 %, 99 % (full)');
    for (const n of shown) {
      levels.forEach((level, i) => svg.append('rect').attr('x', m.l).attr('y', y(n) + i * y.bandwidth() / 6)
        .attr('height', y.bandwidth() * (1 - i / 3)).attr('width', x(data.policies[n][level]) - m.l)
        .attr('fill', colour(n)).attr('opacity', [0.35, 0.6, 1][i]));
      svg.append('text').attr('x', x(data.policies[n].goodput90) + 5).attr('y', y(n) + y.bandwidth() / 2 + 4)
        .text(data.policies[n].goodput90.toFixed(1));
    }
  });
}

function table(title, sub, head, rows) {
  const t = card(title, sub, true).append('table');
  t.append('thead').append('tr').selectAll('th').data(head).join('th').text(d => d);
  t.append('tbody').selectAll('tr').data(rows).join('tr').attr('class', r => r[0] === 'hfx' ? 'ours' : null)
    .selectAll('td').data(r => r).join('td').text(d => d);
}

function withCi(value, ci) { return percent(value) + (ci > 0 ? ` ±${(100 * ci).toFixed(1)}` : ''); }

function legend() {
  const b = d3.select('#legend').selectAll('button').data(names).join('button').attr('aria-pressed', 'true');
  b.append('svg').attr('viewBox', '0 0 26 8').append('path').attr('d', 'M1,4H25').attr('stroke', n => colour(n))
    .attr('stroke-width', n => n === 'hfx' ? 4 : 2.4).attr('stroke-dasharray', dash);
  b.append('span').text(n => n);
  b.on('click', function (_, n) {
    hidden.has(n) ? hidden.delete(n) : hidden.add(n);
    this.setAttribute('aria-pressed', String(!hidden.has(n)));
    redraws.forEach(f => f());
  });
}

function page() {
  const s = data.scenario, run = s.run;
  document.title = `HFX simulation: ${s.name}`;
  d3.select('#title').text(`Simulation: ${s.name}`);
  d3.select('#note').text(`${s.about}. ${s.fleet.workers} workers, profile ${s.fleet.profile}; ${run.seconds} s a run, the first `
    + `${run.warmUpSeconds} s not scored; seeds ${data.seeds.join(', ')}; rate 1.0 = ${data.referencePerSecond.toFixed(1)} requests/s. `
    + 'Whiskers and ± are 95 % confidence intervals over seeds. Simulated, not measured on hardware.');
  legend();
  plot('SLO attainment', 'met every objective / arrived; refused count as missed',
    perPolicy(p => over(p.attainment, p.attainmentCi)), { ...byRate, share: true, bounds: bounds() });
  plot('Worst class', 'attainment of the SLO class that fares worst',
    perPolicy(p => over(p.minClass, p.minClassCi)), { ...byRate, share: true });
  goodput();
  plot('Requests met per second', null, perPolicy(p => over(p.metPerSecond)), byRate);
  for (const c of Object.keys(data.policies[names[0]].classes ?? {})) {
    plot(`Class ${c}`, 'attainment', perPolicy(p => over(p.classes?.[c])), { ...byRate, share: true });
  }
  for (const [key, name] of [['ttftP50', 'TTFT P50'], ['ttftP99', 'TTFT P99'], ['tpotP50', 'TPOT P50'], ['tpotP99', 'TPOT P99'], ['itlP99', 'ITL P99'], ['e2eP99', 'E2E P99']]) {
    plot(`${name}, ms`, 'completed requests', perPolicy(p => over(p.latencyMillis[key])), { ...byRate, log: true });
  }
  for (const [axis, values] of Object.entries(data.sweeps ?? {})) {
    const labels = Object.keys(values).sort((a, b) => a - b);
    const swept = names.filter(n => Object.values(values).some(v => v[n]));
    const series = pick => swept.map(n => ({ name: n, colour: colour(n),
      points: labels.map(l => [l, values[l][n][pick].mean, values[l][n][pick].halfWidth]) }));
    plot(`Sweep of ${axis}: attainment`, `at ${data.sweepRate}x`, series('attainment'), { labels, xName: axis, share: true });
    plot(`Sweep of ${axis}: worst class`, `at ${data.sweepRate}x`, series('minClass'), { labels, xName: axis, share: true });
  }
  const keys = Object.keys(data.policies[names[0]].attainment);
  table('Attainment, %', 'by rate; goodput in requests/s', ['policy', 'seeds', ...keys.map(k => k + 'x'), 'goodput 90', '95', '99'],
    names.map(n => { const p = data.policies[n];
      return [n, p.seeds.length, ...keys.map(k => withCi(p.attainment[k], p.attainmentCi?.[k])),
        ...[90, 95, 99].map(g => p['goodput' + g].toFixed(1))]; }));
  table('Worst class, %', 'by rate', ['policy', ...keys.map(k => k + 'x')],
    names.map(n => [n, ...keys.map(k => withCi(data.policies[n].minClass[k], data.policies[n].minClassCi?.[k]))]));
  if (names.includes('hfx')) {
    table('Attainment above hfx, points', 'paired by seed; below 0 hfx is better', ['policy', ...keys.map(k => k + 'x')],
      names.filter(n => n !== 'hfx').map(n => [n, ...keys.map(k => { const d = data.policies[n].overHfx?.[k];
        return d ? (100 * d.mean).toFixed(1) + (d.seeds > 1 ? ` ±${(100 * d.halfWidth).toFixed(1)}` : '') : '–'; })]));
  }
  const f = d3.select('#footer');
  f.append('p').text(`Commit ${data.produced.commit}, Java ${data.produced.java}, ${data.produced.threads} threads, ${data.produced.wallSeconds} s.`);
  const details = f.append('details');
  details.append('summary').text('The scenario and the settings of each policy');
  details.append('pre').text(JSON.stringify({ scenario: s, settings: Object.fromEntries(names.map(n => [n, data.policies[n].settings ?? {}])) }, null, 2));
  redraws.forEach(draw => draw());
}
page();
