"use strict";
// The explorer: one page, no library, no request. State lives in the address after #; drawing is SVG.
const Explorer = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SHOWS = ["months", "years", "change", "ratio"];
  const SCALES = ["zero", "log", "index"];
  const MOST = 8;
  const LIGHT = ["#0072B2", "#B04D00", "#007A5A", "#A8457E", "#8A6D00", "#5B4FB0", "#9B2226", "#555555"];
  const DARK = ["#56B4E9", "#FF9D5C", "#35C99B", "#E29CC4", "#E0C14A", "#B0A5F5", "#F08A8A", "#B8B8B8"];
  const GRADES = { A: "A: exact", B: "B: nearly exact", C: "C: estimated or sampled", D: "D: incomplete, a proxy or heavily undercounted" };
  const byId = (id) => document.getElementById(id);
  const metrics = new Map(data.metrics.map((one) => [one.id, one]));
  const entities = new Map(data.entities.map((one, place) => [one.id, { ...one, place }]));
  const wayKey = (one) => [one.s, one.b, ...(one.g ? [one.g] : [])].join(".");

  // ---- what there is -------------------------------------------------------------------------------------------
  const lastYear = (one) => Math.max(0, one.t ? Math.floor((one.t.first + one.t.g.length - 1) / 12) : 0, ...(one.y || []).filter((row) => row[1] !== null || row[2] !== null).map((row) => row[0]));
  const waysOf = (metric) => {
    const found = new Map();
    for (const one of data.series) {
      if (one.m !== metric) continue;
      const key = wayKey(one);
      if (!found.has(key)) found.set(key, { key, source: one.s, basis: one.b, segment: one.g || "", series: new Map() });
      found.get(key).series.set(one.e, one);
    }
    const rank = (way) => metrics.get(metric).ways.indexOf(`${way.source}.${way.basis}`);
    const size = (way) => [...way.series.values()].reduce((sum, one) => sum + (one.y ? one.y.length : 0), 0);
    // first the one that knows the newest of the two under review: who opens the page asks about last year
    const newest = (way) => Math.min(...[data.focus, data.benchmark].map((id) => (way.series.has(id) ? lastYear(way.series.get(id)) : 0)));
    return [...found.values()].sort((a, b) => newest(b) - newest(a) || Math.sign(size(b) - size(a)) || rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
  };
  const ways = new Map(data.metrics.map((one) => [one.id, waysOf(one.id)]));
  const wayOf = (state) => ways.get(state.metric).find((way) => way.key === state.way);
  const yearsOf = (way) => {
    let first = Infinity, last = -Infinity;
    for (const one of way.series.values()) {
      if (one.t) { first = Math.min(first, Math.floor(one.t.first / 12)); last = Math.max(last, Math.floor((one.t.first + one.t.g.length - 1) / 12)); }
      for (const row of one.y || []) { first = Math.min(first, row[0]); last = Math.max(last, row[0]); }
    }
    return [first, last];
  };
  // where years without any data lie behind the newest ones, a page opens with these
  const newestStretch = (way, first, last) => {
    const held = new Set();
    for (const one of way.series.values()) {
      for (let place = 0; one.t && place < one.t.g.length; place += 1) if (one.t.g[place] !== " ") held.add(Math.floor((one.t.first + place) / 12));
      for (const row of one.y || []) if (row[1] !== null || row[2] !== null) held.add(row[0]);
    }
    let from = last;
    while (from > first && (held.has(from - 1) || held.has(from - 2))) from -= 1;
    return from;
  };
  const hasChange = (way) => [data.focus, data.benchmark].every((id) => way.series.has(id) && (way.series.get(id).y || []).some((row) => row[7] !== null));
  const hasMonths = (way) => [...way.series.values()].some((one) => one.t);

  // ---- the state and its address -------------------------------------------------------------------------------
  function normal(given) {
    const metric = metrics.has(given.metric) && ways.get(given.metric).length ? given.metric : data.metrics.find((one) => ways.get(one.id).length).id;
    const all = ways.get(metric);
    const way = all.find((one) => one.key === given.way) || (given.show === "change" && all.find(hasChange)) || all[0];
    const shows = SHOWS.filter((show) => show !== "months" || hasMonths(way));
    const show = shows.includes(given.show) ? given.show : shows[0];
    const scale = SCALES.includes(given.scale) && !(show === "change") ? given.scale : show === "ratio" ? "log" : "zero";
    const [first, last] = yearsOf(way);
    const within = (year, otherwise) => (Number.isInteger(year) && year >= first && year <= last ? year : otherwise);
    let from = within(given.from, show === "change" ? first : newestStretch(way, first, last)), to = within(given.to, last);
    if (from > to) [from, to] = [to, from];
    const known = [...new Set(given.entities || [])].filter((id) => entities.has(id)).slice(0, MOST);
    const usual = [data.focus, data.benchmark].filter((id) => way.series.has(id));
    const others = [...way.series.keys()].sort((a, b) => entities.get(a).place - entities.get(b).place).slice(0, 3);
    const chosen = known.length ? known : usual.length ? usual : others;
    return { metric, way: way.key, show, scale, from, to, entities: chosen, embed: Boolean(given.embed) };
  }
  function format(state) {
    const parts = [["metric", state.metric], ["way", state.way], ["show", state.show], ["scale", state.scale], ["from", state.from], ["to", state.to], ["e", state.entities.join(",")]];
    if (state.embed) parts.push(["embed", "1"]);
    return parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  }
  function parse(text) {
    const found = new Map();
    for (const part of text.replace(/^#/, "").split("&")) {
      const at = part.indexOf("=");
      if (at < 1) continue;
      try { found.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1))); } catch { /* no text: as if it were not there */ }
    }
    const year = (name) => (/^\d{4}$/.test(found.get(name) || "") ? Number(found.get(name)) : undefined);
    return normal({
      metric: found.get("metric"), way: found.get("way"), show: found.get("show"), scale: found.get("scale"),
      from: year("from"), to: year("to"), entities: (found.get("e") || "").split(",").filter(Boolean), embed: found.get("embed") === "1",
    });
  }

  // ---- points --------------------------------------------------------------------------------------------------
  const monthName = (at) => `${["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][at % 12]} ${Math.floor(at / 12)}`;
  const isoMonth = (at) => `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
  function pointsOf(state, series) {
    if (!series) return [];
    const points = [];
    if (state.show === "months" || (state.show === "ratio" && series.t)) {
      const t = series.t;
      if (!t) return [];
      const bounds = t.b ? new Map(t.b.map((row) => [row[0], row])) : new Map();
      for (let i = 0; i < t.g.length; i += 1) {
        const at = t.first + i, year = Math.floor(at / 12);
        if (year < state.from || year > state.to || t.g[i] === " ") continue;
        const bound = bounds.get(i);
        points.push({ at, x: at + 0.5, value: t.v[i], low: bound ? bound[1] : null, high: bound ? bound[2] : null, grade: t.g[i], why: data.texts[t.r[i]], name: monthName(at), iso: isoMonth(at) });
      }
      return points;
    }
    for (const row of series.y || []) {
      const [year, value, low, high, months, grade, why, change, changeLow, changeHigh, base, percentile, not, kind] = row;
      if (year < state.from || year > state.to) continue;
      const point = { at: year, x: year * 12 + 6, value, low, high, grade, why: data.texts[why], name: String(year), iso: String(year), months, base, percentile, not: data.texts[not], unit: kind };
      if (state.show === "change") Object.assign(point, { value: change, low: changeLow, high: changeHigh });
      points.push(point);
    }
    return points;
  }
  function linesOf(state) {
    const way = wayOf(state);
    const lines = state.entities.map((id) => ({ id, label: entities.get(id).label, series: way.series.get(id), points: pointsOf(state, way.series.get(id)) }));
    if (state.show === "ratio") return [ratioOf(lines)];
    return state.scale === "index" && state.show !== "change" ? indexed(lines) : lines;
  }
  function ratioOf(lines) {
    const [one, other] = [lines[0], lines[1]];
    const points = [];
    if (one && other) {
      const theirs = new Map(other.points.map((point) => [point.at, point]));
      for (const point of one.points) {
        const against = theirs.get(point.at);
        if (!against || point.value == null || against.value == null || !(point.value > 0 && against.value > 0)) continue;
        const grade = point.grade > against.grade ? point.grade : against.grade;
        points.push({ ...point, value: point.value / against.value, low: null, high: null, grade, why: [point.why, against.why].filter(Boolean).join("; "), base: null });
      }
    }
    return { id: one ? one.id : "", label: one && other ? `${one.label} ÷ ${other.label}` : "two are needed", series: true, points };
  }
  function indexed(lines) {
    const held = lines.filter((line) => line.points.some((point) => point.value > 0));
    const common = held.length ? [...held[0].points].find((point) => point.value > 0 && held.every((line) => line.points.some((one) => one.at === point.at && one.value > 0))) : null;
    const start = common ? common.at : null;
    return lines.map((line) => {
      const base = line.points.find((point) => (start === null ? point.value > 0 : point.at === start));
      const scaled = (value) => (value == null || !base ? null : (value / base.value) * 100);
      return { ...line, since: base ? base.name : "", points: base ? line.points.map((point) => ({ ...point, raw: point.value, value: scaled(point.value), low: scaled(point.low), high: scaled(point.high) })) : [] };
    });
  }

  // ---- words ---------------------------------------------------------------------------------------------------
  const unitOf = (state) => metrics.get(state.metric).unit;
  const isShare = (unit) => /^percent|^per |index/.test(unit);
  function figure(value, state, unit) {
    if (value == null) return "no data";
    if (state.show === "ratio") return `${value >= 10 ? value.toFixed(1) : value.toFixed(2)} ×`;
    if (state.show === "change") return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(Math.abs(value) < 10 ? 1 : 0)} ${unit === "points" ? "points" : "%"}`;
    if (state.scale === "index") return value.toFixed(1);
    if (isShare(unitOf(state))) return `${value.toPrecision(3)}${unitOf(state).startsWith("percent") ? " %" : ""}`;
    return Math.round(value).toLocaleString("en");
  }
  const said = (point, state) => {
    if (point.value != null) {
      const bounds = state.show === "change" && point.low != null && point.high != null ? ` (${figure(point.low, state, point.unit)} to ${figure(point.high, state, point.unit)})` : "";
      return figure(point.value, state, point.unit) + bounds;
    }
    if (point.low != null && point.high != null) return `${figure(point.low, state, point.unit)} to ${figure(point.high, state, point.unit)}`;
    return state.show === "change" && point.not ? "not comparable" : "no data";
  };
  const tick = (value, state) => {
    if (state.show === "change") return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)} %`;
    if (state.show === "ratio") return value >= 1 ? `${+value.toPrecision(2)} ×` : `1/${+(1 / value).toPrecision(2)}`;
    const size = Math.abs(value) >= 1e9 ? [1e9, "G"] : Math.abs(value) >= 1e6 ? [1e6, "M"] : Math.abs(value) >= 1e4 ? [1e3, "k"] : [1, ""];
    return `${+(value / size[0]).toPrecision(3)}${size[1]}`;
  };
  const basisWords = (way) => `${data.sources[way.source].label}, ${way.basis.replaceAll("_", " ")}${way.segment ? `, ${way.segment.replace("=", ": ").replaceAll("_", " ")}` : ""}`;
  const reaches = (list, value) => !list.length || list.includes(value);
  const at = (iso) => { const [y, m, d] = iso.split("-").map(Number); return y * 12 + m - 1 + (d - 1) / 31; };
  function marksOf(state) {
    const way = wayOf(state), shown = state.entities.filter((id) => way.series.has(id));
    const names = new Set(shown.flatMap((id) => [id, ...entities.get(id).members]));
    const touches = (list) => !list.length || list.some((id) => names.has(id));
    const breaks = data.breaks.filter((one) => reaches(one.sources, way.source) && reaches(one.bases, way.basis) && reaches(one.metrics, state.metric) && touches(one.entities) && (one.sources.length || one.metrics.length));
    const events = data.events.filter((one) => one.metrics.includes(state.metric) && touches(one.entities));
    const within = (one) => at(one.end) >= state.from * 12 && at(one.start) < (state.to + 1) * 12;
    return [...breaks.map((one) => ({ ...one, kind: "break" })), ...events.map((one) => ({ ...one, kind: "event" }))].filter(within).sort((a, b) => (a.start < b.start ? -1 : 1)).map((one, i) => ({ ...one, number: i + 1 }));
  }

  // ---- drawing -------------------------------------------------------------------------------------------------
  const SVG = "http://www.w3.org/2000/svg";
  function el(parent, name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }
  const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
  const theme = () => (isDark() ? { ink: "#ECECEC", soft: "#A9B1BC", grid: "#39414B", ground: "#14181D", band: "#8F99A5", inks: DARK } : { ink: "#1D2733", soft: "#56606C", grid: "#E2E5E8", ground: "#FFFFFF", band: "#777777", inks: LIGHT });
  const colourOf = (id, inks) => inks[entities.get(id).place % inks.length];
  const dashOf = (id, inks) => (entities.get(id).place >= inks.length ? "6 3" : "");

  function scaleOf(state, lines, height) {
    const values = lines.flatMap((line) => line.points.flatMap((point) => [point.value, point.low, point.high, state.show === "change" ? point.base : null])).filter((value) => value != null && Number.isFinite(value));
    if (!values.length) return null;
    const isLog = state.scale === "log" && state.show !== "change" && values.some((value) => value > 0);
    if (isLog) {
      const positive = values.filter((value) => value > 0);
      let low = Math.min(...positive) / 1.15, high = Math.max(...positive) * 1.15;
      if (state.show === "ratio") { low = Math.min(low, 0.8); high = Math.max(high, 1.25); }
      const [a, b] = [Math.log(low), Math.log(high)];
      const ticks = [];
      for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
      let fit = ticks.filter((value) => value >= low && value <= high);
      if (fit.length > 7) fit = fit.filter((value) => Math.abs(Math.log10(value) % 1) < 1e-9);
      return { y: (value) => (value > 0 ? height * (1 - (Math.log(value) - a) / (b - a)) : height), ticks: fit, base: height, isLog };
    }
    const low = Math.min(0, ...values), high = Math.max(0, ...values) || 1;
    const room = (high - low) * 0.05, [a, b] = [low < 0 ? low - room : low, high + room];
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * 10 ** Math.floor(Math.log10((b - a) / 4))).find((one) => (b - a) / one <= 6) || (b - a);
    const ticks = [];
    for (let value = Math.ceil(a / step) * step; value <= b; value += step) ticks.push(Math.abs(value) < step / 1e6 ? 0 : value);
    return { y: (value) => height * (1 - (value - a) / (b - a)), ticks, base: height * (1 - (0 - a) / (b - a)), isLog: false };
  }

  let view = null;
  function draw(state) {
    const holder = byId("chart"), look = theme();
    const lines = linesOf(state), marks = marksOf(state);
    const width = Math.max(holder.clientWidth, 300), isSlim = width < 560;
    const names = lines.map((line) => line.label);
    const right = isSlim ? 16 : Math.min(220, Math.max(...names.map((name) => name.length * 7.2), 40) + 14), left = 58, top = 30, bottom = 26;
    const keys = isSlim ? lines.length * 18 : 0;
    const height = isSlim ? 260 : 360, inner = width - left - right;
    holder.textContent = "";
    const svg = el(holder, "svg", { width, height: height + top + bottom + keys, viewBox: `0 0 ${width} ${height + top + bottom + keys}`, "font-family": "Helvetica, Arial, sans-serif", "font-size": 12, role: "img", "aria-label": summary(state, lines) });
    el(svg, "rect", { width: "100%", height: "100%", fill: look.ground });
    const plot = el(svg, "g", { transform: `translate(${left},${top})` });
    const scale = scaleOf(state, lines, height);
    const x = (value) => ((value - state.from * 12) / ((state.to + 1 - state.from) * 12)) * inner;
    if (!scale) {
      document.querySelector(".change-key").hidden = true;
      el(plot, "text", { x: 0, y: height / 2, fill: look.ink }, state.show === "change" ? "No two of these years are comparable; the reasons stand below." : "No data for this choice.");
      view = { state, lines, marks, x, scale: null, plot, look, width: inner, left, top, height };
      return;
    }
    for (const value of scale.ticks) {
      el(plot, "line", { x1: 0, x2: inner, y1: scale.y(value), y2: scale.y(value), stroke: value === 0 ? look.soft : look.grid, "stroke-width": 1 });
      el(plot, "text", { x: -8, y: scale.y(value) + 4, "text-anchor": "end", fill: look.soft }, tick(value, state));
    }
    document.querySelector(".change-key").hidden = state.show !== "change" || !lines.some((line) => line.points.some((point) => point.value != null && point.base != null));
    if (state.show === "ratio") el(plot, "line", { x1: 0, x2: inner, y1: scale.y(1), y2: scale.y(1), stroke: look.ink, "stroke-width": 1 });
    drawYears(plot, state, x, inner, height, look);
    drawMarks(plot, marks, x, inner, height, look);
    for (const line of lines) (state.show === "change" ? drawWhiskers : drawLine)(plot, line, lines, x, scale, look, state);
    drawNames(plot, lines, scale, inner, height, look, isSlim);
    el(plot, "line", { class: "cursor", y1: 0, y2: height, x1: -9, x2: -9, stroke: look.soft, "stroke-width": 1, visibility: "hidden" });
    view = { state, lines, marks, x, scale, plot, look, width: inner, left, top, height };
  }
  function drawYears(plot, state, x, inner, height, look) {
    const count = state.to + 1 - state.from, every = Math.max(1, Math.ceil(count / Math.max(1, Math.floor(inner / 46))));
    for (let year = state.from; year <= state.to; year += 1) {
      el(plot, "line", { x1: x(year * 12), x2: x(year * 12), y1: height, y2: height + 5, stroke: look.soft });
      if ((year - state.from) % every === 0) el(plot, "text", { x: state.show === "months" || state.show === "ratio" ? x(year * 12) : x(year * 12 + 6), y: height + 19, "text-anchor": state.show === "months" || state.show === "ratio" ? "start" : "middle", fill: look.soft }, year);
    }
  }
  function drawMarks(plot, marks, x, inner, height, look) {
    const taken = [];
    for (const mark of marks) {
      const a = Math.max(0, x(at(mark.start))), b = Math.min(inner, Math.max(x(at(mark.end)), a + 1.5));
      if (mark.kind === "break") el(plot, "rect", { x: a, y: 0, width: b - a, height, fill: look.band, opacity: 0.22 });
      else el(plot, "line", { x1: a, x2: a, y1: height - 14, y2: height, stroke: look.soft, "stroke-width": 2 });
      let place = Math.min(Math.max(a, 8), inner - 8);
      while (taken.some((one) => Math.abs(one - place) < 17)) place += 17;
      taken.push(place);
      const isBreak = mark.kind === "break";
      el(plot, isBreak ? "rect" : "circle", isBreak ? { x: place - 8, y: -24, width: 16, height: 16, fill: "none", stroke: look.soft } : { cx: place, cy: -16, r: 8, fill: "none", stroke: look.soft });
      el(plot, "text", { x: place, y: -12, "text-anchor": "middle", "font-size": 11, fill: look.ink }, mark.number);
    }
  }
  function drawLine(plot, line, lines, x, scale, look, state) {
    const ink = colourOf(line.id, look.inks), step = state.show === "years" ? 1 : 1;
    const bounded = line.points.filter((point) => point.value == null && point.low != null && point.high != null);
    let run = [];
    const flush = () => {
      if (run.length) {
        const half = run.length === 1 ? (state.show === "years" ? 3 : 0.5) : 0;
        const up = run.map((p) => `${x(p.x + half)},${scale.y(p.high)}`), down = [...run].reverse().map((p) => `${x(p.x - half)},${scale.y(p.low)}`);
        if (half) { up.unshift(`${x(run[0].x - half)},${scale.y(run[0].high)}`); down.unshift(`${x(run[0].x + half)},${scale.y(run[0].low)}`); }
        el(plot, "polygon", { points: [...up, ...down].join(" "), fill: ink, "fill-opacity": 0.22, stroke: ink, "stroke-width": 1, "data-entity": line.id });
      }
      run = [];
    };
    bounded.forEach((point, i) => { if (i && point.at - bounded[i - 1].at > step) flush(); run.push(point); });
    flush();
    const known = line.points.filter((point) => point.value != null && (!scale.isLog || point.value > 0));
    known.forEach((point, i) => {
      const next = known[i + 1];
      if (next && next.at - point.at === step) {
        const isWeak = point.grade > "B" || next.grade > "B";
        el(plot, "line", { x1: x(point.x), y1: scale.y(point.value), x2: x(next.x), y2: scale.y(next.value), stroke: ink, "stroke-width": 2, "stroke-linecap": "round", "stroke-dasharray": isWeak ? "1 4" : dashOf(line.id, look.inks), "data-entity": line.id });
      }
      const isAlone = !(next && next.at - point.at === step) && !(i && point.at - known[i - 1].at === step);
      if (isAlone || state.show === "years") el(plot, "circle", { cx: x(point.x), cy: scale.y(point.value), r: 3.5, fill: point.grade > "B" ? look.ground : ink, stroke: ink, "stroke-width": 1.5, "data-entity": line.id });
    });
  }
  function drawWhiskers(plot, line, lines, x, scale, look) {
    const ink = colourOf(line.id, look.inks), place = lines.indexOf(line), wide = Math.min(7 / lines.length, 1.6);
    for (const point of line.points) {
      const px = x(point.x + (place - (lines.length - 1) / 2) * wide);
      if (point.low != null && point.high != null) el(plot, "line", { x1: px, x2: px, y1: scale.y(point.low), y2: scale.y(point.high), stroke: ink, "stroke-width": 4, opacity: 0.4, "data-entity": line.id });
      if (point.value == null) continue;
      if (point.base != null) el(plot, "line", { x1: px - 6, x2: px + 6, y1: scale.y(point.base), y2: scale.y(point.base), stroke: look.ink, "stroke-width": 2 });
      el(plot, "circle", { cx: px, cy: scale.y(point.value), r: 4.5, fill: point.grade > "B" ? look.ground : ink, stroke: ink, "stroke-width": 2, "data-entity": line.id });
    }
  }
  function drawNames(plot, lines, scale, inner, height, look, isSlim) {
    const places = lines.map((line) => {
      const known = line.points.filter((point) => point.value != null || point.low != null), end = known[known.length - 1];
      const value = end ? (end.value != null ? end.value : Math.max((end.low + end.high) / 2, 1e-12)) : null;
      return { line, y: value == null ? height : scale.y(value), text: end ? line.label : `${line.label}: no data` };
    }).sort((a, b) => a.y - b.y);
    let free = -Infinity;
    places.forEach((place, i) => {
      const ink = place.line.id ? colourOf(place.line.id, look.inks) : look.ink;
      if (isSlim) {
        const y = height + 44 + i * 18;
        el(plot, "rect", { x: -30, y: y - 9, width: 12, height: 10, fill: ink });
        el(plot, "text", { x: -12, y, fill: ink, "font-weight": 600 }, place.text);
        return;
      }
      free = Math.max(place.y, free + 15);
      el(plot, "text", { x: inner + 8, y: free + 4, fill: ink, "font-weight": 600, "data-name": place.line.id }, place.text);
    });
  }
  function summary(state, lines) {
    const ends = lines.map((line) => {
      const known = line.points.filter((point) => point.value != null || point.low != null);
      return known.length ? `${line.label}: ${said(known[0], state)} in ${known[0].name}, ${said(known[known.length - 1], state)} in ${known[known.length - 1].name}` : `${line.label}: no data`;
    });
    return `${metrics.get(state.metric).label}. ${ends.join(". ")}.`;
  }

  // ---- the cursor ----------------------------------------------------------------------------------------------
  let cursor = null;
  const stops = () => [...new Set(view.lines.flatMap((line) => line.points.map((point) => point.at)))].sort((a, b) => a - b);
  function point(stop) {
    cursor = stop;
    const tip = byId("tip"), line = view.plot.querySelector(".cursor");
    if (stop == null || !line) { tip.hidden = true; if (line) line.setAttribute("visibility", "hidden"); return; }
    const rows = view.lines.map((one) => ({ one, at: one.points.find((point) => point.at === stop) }));
    const first = rows.find((row) => row.at);
    const px = view.x(first.at.x);
    for (const name of ["x1", "x2"]) line.setAttribute(name, px);
    line.setAttribute("visibility", "visible");
    tip.textContent = "";
    const add = (name, text, ink) => { const p = document.createElement(name); p.textContent = text; if (ink) p.style.color = ink; tip.appendChild(p); };
    add("strong", first.at.name);
    for (const { one, at: here } of rows) {
      add("p", `${one.label}: ${here ? said(here, view.state) : "no data"}`, one.id ? colourOf(one.id, view.look.inks) : "");
      const more = here ? notes(here) : "";
      if (more) add("small", more);
    }
    tip.hidden = false;
    const box = byId("chart"), room = box.clientWidth - tip.offsetWidth - 4;
    tip.style.left = `${Math.max(2, Math.min(room, view.left + px + (px > view.width / 2 ? -tip.offsetWidth - 12 : 12)))}px`;
    byId("live").textContent = tip.innerText.replaceAll("\n", ". ");
  }
  function notes(here) {
    const found = [];
    if (here.grade && here.grade !== " ") found.push(`grade ${GRADES[here.grade] || here.grade}${here.why ? ` (${here.why})` : ""}`);
    if (here.months != null && here.months < 12 && view.state.show === "years") found.push(`${here.months} months`);
    if (here.base != null && view.state.show !== "months") found.push(`median package ${here.base > 0 ? "+" : ""}${here.base.toFixed(0)} %${here.percentile != null ? `, at percentile ${here.percentile.toFixed(0)}` : ""}`);
    if (view.state.show === "change" && here.value == null && here.not) found.push(`not comparable: ${here.not}`);
    return found.join("; ");
  }

  // ---- what stands below ---------------------------------------------------------------------------------------
  function table(state) {
    const lines = linesOf(state), rows = new Map();
    for (const line of lines) for (const one of line.points) { if (!rows.has(one.iso)) rows.set(one.iso, new Map()); rows.get(one.iso).set(line, one); }
    return { lines, rows: [...rows.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1)) };
  }
  function csv(state) {
    const { lines, rows } = table(state), way = wayOf(state), quoted = (text) => (/[",\n]/.test(String(text)) ? `"${String(text).replaceAll('"', '""')}"` : text);
    const out = [["period", "entity", "metric", "source", "basis", "shown", "value", "low", "high", "grade", "grade_reason", "baseline_growth_pct", "not_comparable_reason", "licence"]];
    for (const [iso, held] of rows) for (const line of lines) { const one = held.get(line); if (one) out.push([iso, line.label, state.metric, way.source, way.basis + (way.segment ? ` ${way.segment}` : ""), state.show === "months" || state.show === "years" ? state.scale === "index" ? `${state.show}, index` : state.show : state.show, one.value ?? "", one.low ?? "", one.high ?? "", one.grade.trim(), one.why || "", one.base ?? "", one.not || "", data.sources[way.source].licence]); }
    return out.map((row) => row.map(quoted).join(",")).join("\n") + "\n";
  }
  function sql(state) {
    const way = wayOf(state), ids = state.entities.map((id) => `'${id}'`).join(", "), text = (value) => `'${value.replaceAll("'", "''")}'`;
    const types = [...new Set(state.entities.map((id) => entities.get(id).type))].map(text).join(", ");
    const where = `where metric_id = ${text(state.metric)} and source_id = ${text(way.source)} and basis = ${text(way.basis)} and segment = ${text(way.segment || "all")}\n    and entity_type in (${types}) and entity_id in (${ids})`;
    if (state.show === "months" || state.show === "ratio") return `select month_date, entity_id, value, low, high, grade, grade_reason\nfrom marts.fct_adoption_monthly\n${where}\n    and year(month_date) between ${state.from} and ${state.to}\norder by month_date, entity_id`;
    const gained = metrics.get(state.metric).kind === "stock", figures = gained ? ["value", "low", "high"].map((name) => `net_additions${name === "value" ? "" : `_${name}`} as ${name}`).join(", ") : "value, low, high";
    const change = gained ? "net_additions_pct" : "coalesce(yoy_pct, yoy_change)", comparable = [[change, "change"], ["yoy_low", "change_low"], ["yoy_high", "change_high"]].map(([figure, name]) => `if(is_comparable, ${figure}, null) as ${name}`).join(",\n    ");
    return `select year, entity_id, ${figures},\n    ${comparable},\n    baseline_growth_pct, grade, not_comparable_reason\nfrom marts.fct_adoption_yoy\n${where}\n    and year between ${state.from} and ${state.to}\norder by year, entity_id`;
  }
  function fill(list, items) {
    list.textContent = "";
    for (const text of items) { const li = document.createElement("li"); for (const [i, part] of [].concat(text).entries()) { const node = document.createElement(i ? "span" : [].concat(text).length > 1 ? "b" : "span"); node.textContent = (i ? " " : "") + part; li.appendChild(node); } list.appendChild(li); }
  }
  function below(state) {
    const way = wayOf(state), metric = metrics.get(state.metric), source = data.sources[way.source];
    byId("title").textContent = `${metric.label}: ${state.entities.map((id) => entities.get(id).label).join(", ")}`;
    document.title = `${byId("title").textContent} · Adoption explorer`;
    const shown = { months: "by month", years: metric.kind === "stock" ? "gained in the year" : "by year", change: "change on the year before", ratio: "how many times as much as the second" }[state.show];
    const since = state.scale === "index" ? view.lines.map((line) => line.since).find(Boolean) : "";
    byId("said").textContent = `${metric.unit}, ${shown}${state.scale === "log" && state.show !== "change" ? ", logarithmic scale" : ""}${since ? `, ${since} = 100` : ""}. Counted by ${basisWords(way)}.`;
    fill(byId("marks"), view.marks.map((one) => [`${one.number} ${one.kind === "break" ? "Break in series" : "Event"}:`, `${one.label}. ${one.reason}`]));
    byId("marks-part").hidden = !view.marks.length;
    const not = [];
    for (const id of state.entities) {
      const series = way.series.get(id);
      if (!series) { not.push([`${entities.get(id).label}:`, "no data counted in this way"]); continue; }
      const reasons = new Map();
      for (const row of series.y || []) if (row[0] >= state.from && row[0] <= state.to && data.texts[row[12]]) { const why = data.texts[row[12]].replace(/\b(19|20)\d\d is incomplete: (\d+) of 12 months/g, "incomplete ($2 of 12 months)"); reasons.set(why, [...(reasons.get(why) || []), row[0]]); }
      for (const [why, years] of reasons) not.push([`${entities.get(id).label} ${years.join(", ")}:`, why]);
    }
    fill(byId("not"), not);
    byId("not-part").hidden = !not.length;
    fill(byId("caveats"), [[`Interpreted as:`, `${metric.reads}.`], ...metric.caveats]);
    const grades = new Map();
    for (const line of view.lines) for (const one of line.points) if (one.grade > "A" && one.why) grades.set(`${one.grade}|${one.why}`, one);
    fill(byId("grades"), [...grades.values()].sort((a, b) => (a.grade < b.grade ? -1 : 1)).slice(0, 8).map((one) => [`${one.grade}:`, one.why]));
    byId("grades-part").hidden = !grades.size;
    byId("source").textContent = `${source.label}, ${source.publisher}. Licence: ${source.licence}. ${source.citation}`;
    const link = byId("source-link");
    link.hidden = !source.url;
    if (source.url) link.href = source.url;
    const { lines, rows } = table(state), body = byId("rows"), head = byId("heads");
    head.textContent = ""; body.textContent = "";
    for (const text of ["Period", ...lines.map((line) => line.label)]) { const th = document.createElement("th"); th.scope = "col"; th.textContent = text; head.appendChild(th); }
    for (const [iso, held] of rows) {
      const tr = document.createElement("tr"), th = document.createElement("th");
      th.scope = "row"; th.textContent = iso; tr.appendChild(th);
      for (const line of lines) { const td = document.createElement("td"), one = held.get(line); td.textContent = one ? `${said(one, state)}${one.grade.trim() ? ` (${one.grade})` : ""}` : ""; tr.appendChild(td); }
      body.appendChild(tr);
    }
  }

  // ---- controls ------------------------------------------------------------------------------------------------
  function options(select, items, chosen) {
    select.textContent = "";
    for (const [value, text, group] of items) {
      let parent = select;
      if (group) { parent = [...select.children].find((one) => one.label === group) || select.appendChild(Object.assign(document.createElement("optgroup"), { label: group })); }
      parent.appendChild(Object.assign(document.createElement("option"), { value, textContent: text, selected: String(value) === String(chosen) }));
    }
  }
  function controls(state) {
    const way = wayOf(state), [first, last] = yearsOf(way);
    const years = Array.from({ length: last - first + 1 }, (_, i) => [first + i, String(first + i)]);
    options(byId("metric"), data.metrics.map((one) => [one.id, ways.get(one.id).length ? one.label : `${one.label} (no data)`, one.channel]), state.metric);
    for (const one of byId("metric").querySelectorAll("option")) one.disabled = !ways.get(one.value).length;
    options(byId("way"), ways.get(state.metric).map((one) => [one.key, basisWords(one)]), state.way);
    options(byId("show"), [["months", "Month by month"], ["years", "Year by year"], ["change", "Change on the year before"], ["ratio", "Ratio of the first two"]].filter(([show]) => show !== "months" || hasMonths(way)), state.show);
    options(byId("scale"), [["zero", "From zero"], ["log", "Logarithmic"], ["index", "Index: first = 100"]], state.scale);
    byId("scale").disabled = state.show === "change";
    options(byId("from"), years, state.from);
    options(byId("to"), years, state.to);
    const chips = byId("chips"), had = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.id : null;
    chips.textContent = "";
    const inks = theme().inks;
    for (const one of data.entities) {
      const isOn = state.entities.includes(one.id);
      if (!way.series.has(one.id) && !isOn) continue;
      const chip = Object.assign(document.createElement("button"), { type: "button", textContent: way.series.has(one.id) ? one.label : `${one.label}: no data` });
      chip.dataset.id = one.id;
      chip.setAttribute("aria-pressed", String(isOn));
      chip.disabled = !isOn && state.entities.length >= MOST;
      if (isOn) { chip.style.borderColor = colourOf(one.id, inks); chip.style.color = colourOf(one.id, inks); }
      chip.addEventListener("click", () => go({ ...state, entities: isOn ? state.entities.filter((id) => id !== one.id) : [...state.entities, one.id] }));
      chips.appendChild(chip);
      if (had === one.id) chip.focus();
    }
  }
  let state = null;
  function go(next, isQuiet) {
    state = normal(next);
    cursor = null;
    const address = `#${format(state)}`;
    if (!isQuiet && location.hash !== address) { try { history.replaceState(null, "", address); } catch { location.hash = address; } }
    document.body.classList.toggle("embed", state.embed);
    byId("tip").hidden = true;
    controls(state);
    draw(state);
    below(state);
  }
  function save(name, type, content) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([content], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    tell(`Saved: ${name}`);
  }
  function tell(text) { byId("done").textContent = text; }
  async function copy(text, what) {
    const box = byId("copied");
    byId("copy-part").hidden = false;
    box.value = text;
    box.rows = Math.min(8, text.split("\n").length + 1);
    try { await navigator.clipboard.writeText(text); tell(`Copied: ${what}`); } catch { box.focus(); box.select(); tell(`${what}: select and copy the text below`); }
  }
  const svgText = () => {
    const svg = byId("chart").querySelector("svg").cloneNode(true);
    svg.setAttribute("xmlns", SVG);
    const way = wayOf(state), height = Number(svg.getAttribute("height")), width = Number(svg.getAttribute("width"));
    svg.setAttribute("height", height + 62); svg.setAttribute("viewBox", `0 -40 ${width} ${height + 62}`);
    const back = svg.querySelector("rect");
    back.setAttribute("y", -40); back.setAttribute("height", height + 62);
    el(svg, "text", { x: 8, y: -18, fill: view.look.ink, "font-size": 15, "font-weight": 700 }, byId("title").textContent);
    el(svg, "text", { x: 8, y: height + 14, fill: view.look.soft, "font-size": 11 }, `${basisWords(way)}. Licence: ${data.sources[way.source].licence}. Adoption warehouse, ${data.built}`);
    return new XMLSerializer().serializeToString(svg);
  };
  const fileName = (end) => `${state.metric}-${state.show}-${state.entities.join("-")}.${end}`;
  function png() {
    const text = svgText(), image = new Image();
    image.onload = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width * 2, height: image.height * 2 });
      const context = canvas.getContext("2d");
      context.scale(2, 2);
      context.drawImage(image, 0, 0);
      canvas.toBlob((blob) => save(fileName("png"), "image/png", blob));
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  }
  const quoted = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const address = (embed) => `${location.href.split("#")[0]}#${format({ ...state, embed })}`;
  const actions = {
    csv: () => save(fileName("csv"), "text/csv", csv(state)),
    svg: () => save(fileName("svg"), "image/svg+xml", svgText()),
    png,
    link: () => copy(address(false), "Link"),
    sql: () => copy(sql(state), "SQL"),
    embed: () => copy(`<iframe src="${quoted(address(true))}" width="800" height="560" title="${quoted(byId("title").textContent)}"></iframe>`, "Embed"),
  };

  function start() {
    for (const [name, read] of [["metric", String], ["way", String], ["show", String], ["scale", String], ["from", Number], ["to", Number]]) {
      byId(name).addEventListener("change", (event) => {
        const next = { ...state, [name]: read(event.target.value) };
        if (name === "metric") go({ metric: next.metric, entities: state.entities, show: state.show, scale: state.scale });
        else if (name === "way") go({ ...next, from: undefined, to: undefined });
        else if (name === "show") go({ ...next, scale: next.show === "ratio" ? "log" : state.show === "ratio" ? "zero" : state.scale });
        else go(next);
      });
    }
    for (const [name, act] of Object.entries(actions)) byId(`do-${name}`).addEventListener("click", act);
    const chart = byId("chart");
    chart.addEventListener("pointermove", (event) => {
      if (!view || !view.scale) return;
      const px = event.clientX - chart.getBoundingClientRect().left - view.left, found = stops();
      const near = found.reduce((best, one) => { const d = Math.abs(view.x(state.show === "years" || state.show === "change" ? one * 12 + 6 : one + 0.5) - px); return d < best[0] ? [d, one] : best; }, [Infinity, null])[1];
      if (near !== cursor) point(near);
    });
    chart.addEventListener("pointerleave", () => point(null));
    chart.addEventListener("blur", () => point(null));
    chart.addEventListener("keydown", (event) => {
      const found = stops(), place = cursor == null ? -1 : found.indexOf(cursor);
      const to = { ArrowRight: Math.min(found.length - 1, place + 1), ArrowLeft: place < 0 ? found.length - 1 : Math.max(0, place - 1), Home: 0, End: found.length - 1 }[event.key];
      if (event.key === "Escape") point(null);
      else if (to !== undefined && found.length) { event.preventDefault(); point(found[to]); }
    });
    addEventListener("hashchange", () => go(parse(location.hash), true));
    let wait;
    addEventListener("resize", () => { clearTimeout(wait); wait = setTimeout(() => go(state, true), 60); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go(state, true));
    matchMedia("print").addEventListener("change", () => go(state, true));
    go(parse(location.hash), true);
    document.documentElement.dataset.ready = "1";
  }
  return { normal, format, parse, start, csv, sql, linesOf, marksOf, get state() { return state; }, data };
})();
Explorer.start();
