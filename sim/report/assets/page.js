"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const platforms = data.platforms;
  const root = document.documentElement;

  // ---- small helpers -------------------------------------------------------------------------------------------
  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (value === null || value === undefined) continue;
      if (key === "class") element.className = value;
      else if (key === "text") element.textContent = value;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value);
    }
    for (const child of children) if (child !== null && child !== undefined) element.append(child);
    return element;
  };
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const platformColour = (index) => css(`--p${index % 8}`);
  const group = (n, digits) =>
    n.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const digitsFor = (n, most) => Math.max(0, Math.min(most, 2 - Math.floor(Math.log10(Math.abs(n) || 1))));
  const usd = (n, digits = 2) => (n < 0 ? "\u2212$" : "$") + group(Math.abs(n), digits);
  const number = (n, most = 2) => group(n, digitsFor(n, most));
  const trimmed = (text) => text.replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, "");
  const seconds = (n) => trimmed(n < 100 ? number(n, 1) + " s" : n < 6000 ? number(n / 60, 1) + " min"
      : number(n / 3600, 1) + " h");
  const milliseconds = (n) => trimmed(n < 1000 ? number(n, 1) + " ms" : number(n / 1000, 2) + " s");
  const percent = (n) => (n === 0 ? "0 %" : number(n, Math.abs(n) < 0.1 ? 3 : 2) + " %");
  const count = (n) => trimmed(number(n, 1));
  const swatch = (colour) => make("span", { class: "swatch", style: `background:${colour}` });
  const mean = (value) => (value === null || value === undefined ? null : typeof value === "number" ? value
      : value.mean);
  const half = (value) => (value && typeof value === "object" && value.half_width ? value.half_width : null);

  const whole = (text) => text.replace(/(\w)-(?=\w)/g, "$1\u2011");  // names are not broken at their hyphens

  const tip = make("div", { id: "tip", role: "status" });
  document.body.append(tip);
  const showTip = (event, text) => {
    tip.textContent = text;
    tip.style.display = "block";
    const box = tip.getBoundingClientRect();
    const at = event.currentTarget.getBoundingClientRect();
    const x = event.clientX ?? at.left + at.width / 2;
    tip.style.left = Math.max(6, Math.min(innerWidth - box.width - 6, x - box.width / 2)) + "px";
    tip.style.top = Math.max(6, at.top - box.height - 8) + "px";
  };
  const hideTip = () => (tip.style.display = "none");

  // ---- head: the answer first ----------------------------------------------------------------------------------
  const mark = () => {
    const span = document.createElement("span");
    span.innerHTML = '<svg viewBox="0 0 26 26" fill="none" stroke="currentColor" stroke-width="2.2" ' +
      'aria-hidden="true">' +
      '<circle cx="13" cy="13" r="8.2"/><path d="M1.5 13h23"/></svg>';
    return span.firstChild;
  };
  const drawHead = () => {
    const facts = make("div", { class: "facts" });
    for (const fact of data.facts || []) {
      facts.append(make("span", {}, fact.label + " ", make("b", { text: fact.value })));
    }
    const list = (texts) => make("ul", { class: "notes" }, ...texts.map((text) => make("li", { text })));
    const alerts = data.alerts || [], notes = data.notes || [], sizes = data.sizes || [];
    const sizeTable = () => make("section", { class: "panel sizes" }, make("table", { class: "plain" },
      make("tbody", {}, ...[["application", "ECS", "Kubernetes"], ...sizes].map((row, i) =>
        make("tr", { class: i ? null : "heads" }, ...row.map((text, k) => make(k && i ? "td" : "th", { text })))))));
    // Several remarks open on demand, so that nothing long stands between the answer and its table.
    const remarks = () => (notes.length === 1 ? list(notes) : make("details", { class: "remarks" },
      make("summary", { text: `${notes.length} remarks on what went in` }), list(notes)));
    const theme = make("button", {
      type: "button", text: "Light / dark",
      onclick: () => {
        const dark = root.dataset.theme ? root.dataset.theme === "dark"
            : matchMedia("(prefers-color-scheme: dark)").matches;
        root.dataset.theme = dark ? "light" : "dark";
        drawAll();
      },
    });
    document.title = `${data.title}: Plimsoll report`;
    document.getElementById("top").replaceChildren(
      make("div", { class: "bar" }, mark(), make("b", { text: "Plimsoll" }), make("span", { text: data.title }),
        make("span", { class: "where", text: data.subtitle || "" }), make("span", { class: "grow" }), theme),
      make("section", { class: "panel verdict" + (data.verdict.winner ? "" : " none") },
        make("h1", { text: whole(data.verdict.headline) }),
        data.verdict.detail ? make("p", { text: data.verdict.detail }) : null,
        facts),
      alerts.length ? list(alerts) : "", sizes.length ? sizeTable() : "", notes.length ? remarks() : "");
  };

  // ---- verdict table -------------------------------------------------------------------------------------------
  // One entry per column: key in `metrics`, head, formatter. `edge` starts a group.
  const plain = (format) => (m, key) => cell(m[key], format);
  const tail = (format) => (m, [middle, high]) => {
    if (mean(m[high]) === null) return [null];
    return [format(mean(m[high])), mean(m[middle]) === null ? null : "p50 " + format(mean(m[middle]))];
  };
  const pair = (format, unit) => (m, keys) => {
    const values = keys.map((key) => mean(m[key]));
    if (values.every((value) => value === null)) return [null];
    return [values.map((value) => (value === null ? "\u2013" : format(value))).join(" / ") + unit];
  };
  const cell = (value, format) => {
    if (mean(value) === null) return [null];
    const width = half(value);
    return [format(mean(value)), width && /[1-9]/.test(format(width)) ? "\u00b1 " + format(width).replace(/^\$/, "")
        : null];
  };
  const columns = [
    { head: "per hour", key: "usd_per_hour", show: plain((n) => usd(n, 3)), edge: "Cost" },
    { head: "per day", key: "usd_per_day", show: plain((n) => usd(n)), strong: true },
    ...(platforms.some((platform) => platform.metrics.usd_per_month)
      ? [{ head: "per month", sub: "730 h", key: "usd_per_month", show: plain((n) => usd(n, 0)) }] : []),
    ...(platforms.length > 1
      ? [{ head: "to cheapest", sub: "per day", key: "delta_usd_per_day", show: (m, key, platform) => delta(m[key],
        platform) }] : []),
    { head: "per 1,000", sub: "requests", key: "usd_per_1000_requests", show: plain((n) => usd(n, n < 0.1 ? 5 : 3)) },
    { head: "pending", key: ["pending_p50_s", "pending_p99_s"], show: tail(seconds), edge: "Disturbance", sub: "p99" },
    { head: "latency", key: ["latency_p50_ms", "latency_p99_ms"], show: tail(milliseconds), sub: "p99" },
    { head: "failed", key: "requests_failed_percent", show: plain(percent), sub: "of requests" },
    { head: "evictions", key: "evictions", show: plain(count) },
    { head: "CPU", key: ["cpu_requested_percent", "cpu_used_percent"], show: pair((n) => group(n, 0), " %"),
      edge: "Of what is bought", sub: "asked / used" },
    { head: "memory", key: ["memory_requested_percent", "memory_used_percent"], show: pair((n) => group(n, 0), " %"),
      sub: "asked / used" },
    { head: "nodes", key: ["nodes_peak", "nodes_least"], show: pair(count, ""), sub: "peak / least" },
  ];
  const delta = (value, platform) => {
    if (!value) return [null];
    if (platform.broken && platform.broken.length) return ["not ranked"];
    if (value.reference) return [platforms.some((platform) => platform.winner) ? "cheapest" : "lowest mean"];
    const sign = value.mean < 0 ? "\u2212" : "+";
    const text = value.significant ? sign + usd(Math.abs(value.mean)) : "n.s.";
    const signed = (n) => `${n < 0 ? "\u2212" : "+"}${number(Math.abs(n), 1)} %`;
    const width = value.half_width === undefined ? "" : ` \u00b1 ${group(value.half_width, 2)}`;
    if (!value.significant) return [text, `${sign}${usd(Math.abs(value.mean))}${width}`];
    return [text, `\u00b1 ${group(value.half_width, 2)}; ${signed(value.percent)}`,
        `choice ${signed(value.choice_percent)}`];
  };
  const drawVerdicts = () => {
    const groups = make("tr", {}, make("th", { class: "first" }));
    const heads = make("tr", {}, make("th", { class: "first", scope: "col", text: "platform" }));
    columns.forEach((column, i) => {
      if (column.edge) {
        let span = 1;
        while (i + span < columns.length && !columns[i + span].edge) ++span;
        groups.append(make("th", { colspan: span, class: "edge", scope: "colgroup", text: column.edge }));
      }
      heads.append(make("th", { scope: "col", class: column.edge ? "edge" : null }, column.head,
        column.sub ? make("span", { class: "pm", text: column.sub }) : null));
    });
    const body = make("tbody");
    for (const index of ranked()) {
      const platform = platforms[index];
      const broken = platform.broken && platform.broken.length > 0;
      const row = make("tr", { class: platform.winner ? "winner" : broken ? "broken" : null });
      const name = make("th", { scope: "row" }, swatch(platformColour(index)), platform.name);
      if (platform.winner) name.append(make("span", { class: "tag good", text: "cheapest" }));
      if (broken) name.append(make("span", { class: "tag bad", text: platform.tag }));
      for (const why of platform.broken || []) name.append(make("span", { class: "why", text: why }));
      for (const text of platform.notes || []) name.append(make("span", { class: "why soft", text }));
      row.append(name);
      for (const column of columns) {
        const [text, plusMinus, more] = column.show(platform.metrics, column.key, platform);
        row.append(make("td", { class: (column.edge ? "edge " : "") + (column.strong ? "strong" : "") },
          make("span", { class: "key", text: column.head + (column.sub ? ` (${column.sub})` : "") }),
          text === null ? make("span", { class: "muted", text: "\u2013" }) : text,
          plusMinus ? make("span", { class: "pm", text: " " + plusMinus }) : null,
          more ? make("span", { class: "pm", text: " " + more }) : null));
      }
      body.append(row);
    }
    const included = make("div", { class: "included" });
    for (const text of data.legend || []) included.append(make("div", { text }));
    return [make("h2", { text: "Verdict" }), make("p", { class: "lead", text: data.table_lead || "" }),
      make("section", { class: "panel" }, make("table", { class: "verdicts" }, make("thead", {}, groups, heads), body),
        included)];
  };
  const ranked = () => platforms.map((_, i) => i).sort((a, b) => {
    const broken = (i) => (platforms[i].broken && platforms[i].broken.length ? 1 : 0);
    return broken(a) - broken(b) || mean(platforms[a].metrics.usd_per_day) - mean(platforms[b].metrics.usd_per_day) ||
        a - b;
  });

  // ---- where the money goes ------------------------------------------------------------------------------------
  const amount = (platform, predicate) =>
    platform.lines.reduce((sum, line) => (predicate(line) ? sum + Number(line.usd_per_day) : sum), 0);
  const groupColour = (index) => css(`--g${index % 10}`);
  const drawBars = () => {
    const most = Math.max(...platforms.map((platform) => amount(platform, () => true)), 1e-9);
    const box = make("div", { class: "bars" });
    for (const index of ranked()) {
      const platform = platforms[index];
      const total = amount(platform, () => true);
      const choice = amount(platform, (line) => line.block !== "same");
      const stack = make("div", { class: "stack", style: `width:${(100 * total) / most}%` });
      data.groups.forEach((entry, i) => {
        const value = amount(platform, (line) => line.group === entry.key);
        if (value <= 0) return;
        const share = value / total;
        const text = `${platform.name}: ${entry.label} ${usd(value)} a day, ${percent(100 * share)}`;
        stack.append(make("div", {
          class: "segment" + (entry.block === "same" ? " same" : ""), tabindex: 0, "aria-label": text,
          style: `flex:${value} 0 0;background-color:${groupColour(i)}`,
          text: (value / most) * Math.min(800, innerWidth - 60) > 52 ? usd(value, value < 100 ? 2 : 0) : "",
          onmousemove: (event) => showTip(event, text), onmouseleave: hideTip,
          onfocus: (event) => showTip(event, text), onblur: hideTip,
        }));
      });
      box.append(make("div", { class: "row" }, make("div", { class: "name" }, swatch(platformColour(index)),
          platform.name),
        make("div", { class: "total" }, make("b", { text: usd(total) }),
          make("small", { text: `${usd(choice)} by choice` })), stack));
      box.lastChild.insertBefore(stack, box.lastChild.children[1]);
    }
    const legend = make("div", { class: "legend" });
    data.groups.forEach((entry, i) => {
      if (platforms.some((platform) => amount(platform, (line) => line.group === entry.key) > 0)) {
        legend.append(make("span", {}, swatch(groupColour(i)), entry.label));
      }
    });
    box.append(legend);
    return [make("h2", { text: "Where the money goes" }),
      make("p", { class: "lead",
          text: "Dollars per day. The hatched part is the same whatever is chosen; " +
            "all else is what the choice changes." }),
      make("section", { class: "panel" }, box, make("details", {},
        make("summary", { text: "Every line of the bill, in dollars per day" }), make("div", { class: "scroll" },
            linesTable())),
        ...exactBills())];
  };
  const exactBills = () => {
    const tables = platforms.flatMap((platform, index) => {
      const { rows, choice, same, total } = platform.bill || {};
      if (!rows || !rows.length) return [];
      const head = make("tr");
      for (const text of ["line", "block", "quantity", "unit", "$ per unit", "$"]) {
        head.append(make("th", { scope: "col", text }));
      }
      const body = make("tbody");
      for (const line of rows) {
        body.append(make("tr", {}, make("th", { scope: "row", text: line.label }),
          ...["block", "quantity", "unit", "rate", "usd"].map((key) => make("td", { text: line[key] }))));
      }
      for (const [label, value] of [["what the choice changes", choice], ["same everywhere", same], ["total", total]]) {
        body.append(make("tr", { class: "sum" }, make("th", { scope: "row", colspan: 5, text: label }),
          make("td", { text: value })));
      }
      return [make("h3", { class: "of" }, swatch(platformColour(index)), platform.name),
        make("div", { class: "scroll" }, make("table", { class: "lines" }, make("thead", {}, head), body))];
    });
    if (!tables.length) return [];
    return [make("details", {},
      make("summary", { text: "Each platform's exact bill: quantities and prices, whole span, first replication" }),
          ...tables)];
  };
  const linesTable = () => {
    const head = make("tr", {}, make("th", { scope: "col", text: "line" }), make("th", { scope: "col",
        text: "block" }));
    platforms.forEach((platform) => head.append(make("th", { scope: "col", text: platform.name })));
    const body = make("tbody");
    const row = (kind, label, predicate, block) => {
      const line = make("tr", { class: kind }, make("th", { scope: "row", text: label }), make("td", { class: "muted",
          text: block || "" }));
      for (const platform of platforms) {
        const value = amount(platform, predicate);
        line.append(make("td", { text: value === 0 ? "\u2013" : group(value, 4) }));
      }
      body.append(line);
    };
    for (const entry of data.groups) {
      const labels = new Map();
      for (const platform of platforms) {
        for (const line of platform.lines) if (line.group === entry.key) labels.set(line.item, line.label || line.item);
      }
      if (!labels.size) continue;
      row("group", entry.label, (line) => line.group === entry.key, entry.block);
      if (labels.size > 1 || [...labels.values()][0] !== entry.label) {
        for (const [item, label] of labels) row("item", label, (line) => line.group === entry.key &&
            line.item === item);
      }
    }
    row("sum", "what the choice changes", (line) => line.block !== "same");
    row("sum", "total", () => true);
    return make("table", { class: "lines" }, make("thead", {}, head), body);
  };

  // ---- time charts ---------------------------------------------------------------------------------------------
  const decode = (column) => {
    const bytes = Uint8Array.from(atob(column.data), (c) => c.charCodeAt(0));
    const values = Array.from(new Float32Array(bytes.buffer));
    return values.map((value) => (Number.isNaN(value) ? null : value));
  };
  const series = (data.series ? data.series.columns : []).map((column) => ({ ...column, values: decode(column) }));
  const times = data.series ? Array.from({ length: data.series.length }, (_, i) => i * data.series.step_s) : [];
  const find = (platform, name) => series.find((column) => column.platform === platform && column.name === name);
  const under = (platform, prefix) =>
    series.filter((column) => column.platform === platform && column.name.startsWith(prefix));
  const shown = platforms.map(() => true);
  let plots = [];

  const clock = (s, withDay) => {
    const start = (data.series.start_of_day_s || 0) + s;
    const day = Math.floor(start / 86400);
    const minutes = Math.floor((start % 86400) / 60);
    const text = String(Math.floor(minutes / 60)).padStart(2, "0") + ":" + String(minutes % 60).padStart(2, "0");
    return withDay ? `day ${day + 1}, ${text}` : text;
  };
  const severalDays = times.length > 0 && times[times.length - 1] > 90000;
  const axisFont = "12px system-ui, sans-serif";
  const measure = document.createElement("canvas").getContext("2d");
  const gutter = (self, values) => {
    measure.font = axisFont;
    return Math.ceil(Math.max(26, ...(values || []).map((value) => measure.measureText(value).width))) + 14;
  };
  const xAxis = () => ({
    stroke: css("--muted"), font: axisFont, grid: { stroke: css("--grid"), width: 1 }, ticks: { show: false }, size: 30,
    gap: 7, space: 58, incrs: [60, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 172800, 604800],
    values: (self, splits, axis, space, step) => splits.map((s) => {
      if (step >= 86400) return "day " + (Math.floor(((data.series.start_of_day_s || 0) + s) / 86400) + 1);
      return severalDays && s % 86400 === 0 ? "day " + (s / 86400 + 1) : clock(s, false);
    }),
  });
  const yAxis = (format, whole) => ({
    stroke: css("--muted"), font: axisFont, grid: { stroke: css("--grid"), width: 1 }, ticks: { show: false }, gap: 6,
    size: gutter, space: 34, incrs: whole ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000]
        : undefined,
    values: (self, splits) => splits.map(format),
  });

  // lines: [{label, values, colour, dash, fill, width, platform}]
  const plot = (into, lines, format, { height = 210, max = null, legend = true, whole = false } = {}) => {
    const options = {
      width: Math.max(200, into.clientWidth), height, padding: [8, 20, 0, 0],
      scales: { x: { time: false }, y: { range: (self, low, high) => [0, max ?? (high > 0 ? high * 1.06 : 1)] } },
      axes: [xAxis(), yAxis(format, whole)],
      cursor: { sync: { key: "time", setSeries: false }, points: { size: 6 }, y: false, drag: { x: true, y: false } },
      legend: { show: legend, live: true, markers: {
        width: (self, i) => (i && lines[i - 1].dash ? 2 : 0), stroke: (self, i) => (i ? lines[i - 1].colour : ""),
        dash: () => "dashed",
        fill: (self, i) => (i && !lines[i - 1].dash ? lines[i - 1].colour : "transparent") } },
      series: [
        { label: "\u00a0", value: (self, value) => (value === null || value === undefined ? "" : clock(value,
            severalDays)) },
        ...lines.map((line) => ({
          label: line.label, stroke: line.colour, width: line.width || 1.6, dash: line.dash, fill: line.fill,
          show: line.platform === undefined || shown[line.platform], points: { show: false }, spanGaps: false,
          paths: line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
          value: (self, value) => (value === null || value === undefined ? "" : format(value)),
        })),
      ],
    };
    const made = new uPlot(options, [times, ...lines.map((line) => line.values)], into);
    plots.push({ made, into, height, lines });
    return made;
  };
  const panel = (title, unit, { wide = false, extra = null } = {}) => {
    const area = make("div", { class: "plot" });
    return { area, box: make("section", { class: "panel chart" + (wide ? " wide" : "") },
      make("div", { class: "head" }, make("h3", { text: title }), make("span", { class: "unit", text: unit }),
        make("span", { class: "grow" }), extra), area) };
  };
  const perPlatform = (name, options = {}) => platforms.flatMap((platform, index) => {
    const column = find(index, name);
    return column ? [{ label: platform.name, values: column.values, colour: platformColour(index), platform: index,
        ...options }] : [];
  });
  const dashes = [undefined, [7, 4], [2, 3], [9, 3, 2, 3], [4, 2]];
  const amountLabel = (n) => (n === 0 ? "0" : trimmed(number(n, 2)));

  const drawCharts = () => {
    if (!times.length) return [];
    const later = [];
    const grid = make("div", { class: "charts" });
    const add = (title, unit, lines, format, options = {}) => {
      if (!lines.length) return;
      const { area, box } = panel(title, unit, options);
      grid.append(box);
      later.push(() => plot(area, lines, format, options));
    };
    const traffic = find(-1, "request_rate");
    if (traffic) {
      add("Traffic", "requests per second, the same for every platform",
        [{ label: "requests/s", values: traffic.values, colour: css("--muted"), fill: css("--raised"), width: 1.4 }],
        amountLabel, { wide: true, height: 150 });
    }
    add("Dollars per hour", "what the whole bill runs at, mean over an hour", perPlatform("cost_rate"), (n) => usd(n,
        n < 10 ? 2 : 0));
    add("Latency", "p99 of the entry service", perPlatform("latency_p99_ms", { width: 1.3 }), milliseconds);
    const nodes = platforms.flatMap((platform, index) => under(index, "nodes/").map((column, k) => ({
      label: `${platform.name} ${column.name.slice(6)}`, values: column.values, colour: platformColour(index),
      dash: dashes[k % dashes.length], platform: index, stepped: true })));
    add("Nodes by type", "EC2 instances running", nodes, amountLabel, { whole: true });
    add("Pending", "pods or tasks waiting for room", perPlatform("pending", { stepped: true }), amountLabel,
        { whole: true });
    grid.append(cpuPanel(later), replicasPanel(later));
    const chips = make("div", { class: "controls" });
    platforms.forEach((platform, index) => chips.append(make("button", {
      type: "button", class: "chip", "aria-pressed": String(shown[index]),
      onclick: (event) => {
        shown[index] = !shown[index];
        event.currentTarget.setAttribute("aria-pressed", String(shown[index]));
        for (const { made, lines } of plots) {
          lines.forEach((line, k) => { if (line.platform === index) made.setSeries(k + 1, { show: shown[index] }); });
        }
      },
    }, swatch(platformColour(index)), platform.name)));
    const lead = `One ${data.series.replication_label || "replication"}` +
      (data.series.step_s > 60 ? `, ${data.series.step_s / 60} minutes a point` : "") +
      ". Drag to zoom all charts, double-click to see the whole span.";
    queueMicrotask(() => later.forEach((draw) => draw()));
    return [make("h2", { text: "Through the day" }), make("p", { class: "lead", text: lead, style: "margin-bottom:0" }),
        chips, grid];
  };
  const cpuPanel = (later) => {
    const { area, box } = panel("CPU bought, requested and used", "vCPU, one scale for all", { wide: true });
    area.classList.add("cpu");
    const having = platforms.map((_, i) => i).filter((i) => find(i, "bought_cpu"));
    if (!having.length) return "";
    const most = Math.max(...having.flatMap((i) => ["bought_cpu", "requested_cpu", "used_cpu"].flatMap((name) => {
      const column = find(i, name);
      return column ? column.values.map((value) => value ?? 0) : [];
    })), 1);
    for (const index of having) {
      const place = make("div");
      area.append(make("div", {}, make("h3", {}, swatch(platformColour(index)), platforms[index].name), place));
      later.push(() => {
        const colour = platformColour(index);
        const line = (name, label, options) => {
          const column = find(index, name);
          return column ? [{ label, values: column.values, ...options }] : [];
        };
        plot(place, [
          ...line("bought_cpu", "bought", { colour: css("--muted"), fill: css("--raised"), width: 1.2 }),
          ...line("requested_cpu", "requested", { colour, width: 1.4, dash: [5, 3] }),
          ...line("used_cpu", "used", { colour, fill: colour + "33", width: 1.6 }),
        ], amountLabel, { height: 150, max: most * 1.05 });
      });
    }
    return box;
  };
  const replicasPanel = (later) => {
    const replicas = series.filter((column) => column.name.startsWith("replicas/"));
    const names = [...new Set(replicas.map((column) => column.name.slice(9)))];
    if (!names.length) return "";
    const choose = make("select", { "aria-label": "application" });
    for (const name of names) choose.append(make("option", { value: name, text: name }));
    const { area, box } = panel("Replicas", "serving", { wide: true, extra: choose });
    const draw = () => {
      plots = plots.filter((entry) => entry.into !== area || (entry.made.destroy(), false));
      plot(area, perPlatform("replicas/" + choose.value, { stepped: true }), amountLabel, { whole: true });
    };
    choose.addEventListener("change", draw);
    later.push(draw);
    return box;
  };

  // ---- inputs, fine print --------------------------------------------------------------------------------------
  const drawInputs = () => {
    const parts = [];
    const table = ({ title, rows, heads, wide, flow }) => {
      if (!rows || !rows.length) return;
      const body = make("tbody");
      if (heads) body.append(make("tr", { class: "heads" }, ...heads.map((text) => make("th", { scope: "col",
          text }))));
      for (const row of rows) body.append(make("tr", {}, make("th", { scope: "row", text: whole(row[0]) }),
          ...row.slice(1).map((text) => make("td", { text }))));
      parts.push(make("section", { class: "panel" + (wide ? " wide" : "") }, make("h3", { text: title,
          style: "margin-bottom:6px" }),
        make("div", { class: "scroll" }, make("table", { class: "plain" + (flow ? " flow" : "") }, body))));
    };
    for (const entry of data.tables || []) table(entry);
    if (!parts.length) return [];
    return [make("h2", { text: "What went in" }), make("p", { class: "lead", text: data.inputs_lead || "" }),
      make("div", { class: "two" }, ...parts)];
  };
  const drawFoot = () => document.getElementById("foot").replaceChildren(
    ...(data.footer || []).map((text) => make("div", { class: "mono", text })));

  const drawAll = () => {
    for (const { made } of plots) made.destroy();
    plots = [];
    drawHead();
    document.getElementById("main").replaceChildren(...drawVerdicts(), ...drawBars(), ...drawCharts(), ...drawInputs());
    drawFoot();
  };
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    for (const { made, into, height } of plots) made.setSize({ width: Math.max(200, into.clientWidth), height });
  });
})();
