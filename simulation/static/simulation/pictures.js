// The pictures of a run beyond its three curves. Each function takes the picture's data and whether
// the screen is narrow, and returns what charts.js sets. Words come from the page's JSON.
"use strict";

const KIND_LINES = [
  ["received", "solid", "circle"],
  ["replied", "dashed", "triangle"],
  ["closed", [10, 4, 2, 4], "roundRect"],
  ["solved", "solid", "diamond"],
  ["responded", [2, 3], "rect"],
  ["ink", "solid", "triangle"],
  ["ink", "dotted", "circle"],
];
const decimal = (value, unit = "") =>
  value == null ? "–" : `${value.toLocaleString("en", { maximumFractionDigits: 1 })}${unit}`;

function axisText() {
  return { color: colour("ink"), fontSize: 12, hideOverlap: true };
}

function valueAxis(unit, more = {}) {
  return {
    type: "value",
    axisLabel: { ...axisText(), formatter: (value) => decimal(value, unit) },
    splitLine: { lineStyle: { color: colour("rule") } },
    ...more,
  };
}

function nameAxis(names, more = {}) {
  return {
    type: "category",
    data: names,
    axisTick: { show: false },
    axisLabel: axisText(),
    axisLine: { lineStyle: { color: colour("rule") } },
    ...more,
  };
}

// About how wide a text is in 13 px: Chinese characters are twice as wide as Latin ones.
function textWidth(text) {
  return [...text].reduce((sum, sign) => sum + (sign > "\u02ff" ? 13 : 7), 0);
}

function sideBars(names, values, labels, more = {}) {
  return {
    legend: { show: false },
    tooltip: { trigger: "item", formatter: (bar) => `${bar.name}  ${labels[bar.dataIndex]}` },
    grid: { left: 12, right: 96, top: 8, bottom: 4, containLabel: true },
    xAxis: valueAxis("", { splitNumber: 3, ...more.xAxis }),
    yAxis: nameAxis(names, { inverse: true, axisLabel: { ...axisText(), interval: 0 } }),
    series: [
      {
        type: "bar",
        data: values,
        barMaxWidth: 22,
        itemStyle: { color: colour("received") },
        emphasis: { disabled: true },
        label: {
          show: true,
          position: "right",
          color: colour("ink"),
          formatter: (bar) => labels[bar.dataIndex],
        },
      },
    ],
  };
}

function legendAbove(names, narrow) {
  return {
    top: 0,
    left: 0,
    itemWidth: 26,
    itemGap: narrow ? 8 : 14,
    textStyle: { color: colour("ink"), fontSize: 13 },
    data: names,
  };
}

function plainLine([name, data], [tint, type, symbol]) {
  return {
    name,
    data,
    type: "line",
    symbol,
    showSymbol: false,
    lineStyle: { width: 2, type },
    itemStyle: { color: colour(tint) },
    emphasis: { disabled: true },
  };
}

const DRAWINGS = {
  waiting(data, narrow) {
    return {
      legend: legendAbove(data.lines.map(([name]) => name), narrow),
      grid: { left: 12, right: 14, top: narrow ? 92 : 40, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", valueFormatter: (value) => decimal(value, ` ${data.unit}`) },
      xAxis: nameAxis(data.weeks),
      yAxis: valueAxis(` ${data.unit}`, { type: "log", min: 0.1 }), // minutes to a call, days to a reply
      series: data.lines.map((line, n) => plainLine(line, KIND_LINES[n])),
    };
  },
  funnel({ labels, values }) {
    const said = values.map((n) => `${thousands(n)}  ${decimal((100 * n) / values[0], "%")}`);
    return sideBars(labels, values, said, { xAxis: { max: Math.max(values[0], 1) } });
  },
  replies(data, narrow) {
    return {
      legend: legendAbove(data.lines.map(([name]) => name), narrow),
      grid: { left: 8, right: 48, top: narrow ? 70 : 62, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", valueFormatter: (value) => decimal(value, "%") },
      xAxis: nameAxis(data.spans, { boundaryGap: false }),
      yAxis: valueAxis("%", { max: 100 }),
      series: data.lines.map((line, n) => plainLine(line, KIND_LINES[n % KIND_LINES.length])),
    };
  },
  flow({ links }, narrow) {
    const names = [...new Set(links.flatMap(([from, to]) => [from, to]))];
    const sums = new Map();
    for (const [from, to, n] of links) {
      const key = JSON.stringify([from, to]);
      sums.set(key, (sums.get(key) || 0) + n);
    }
    const starts = new Set(links.map(([from]) => from));
    const longest = Math.max(...names.filter((name) => !starts.has(name)).map(textWidth));
    const tints = ["received", "closed", "solved", "replied", "responded"];
    return {
      legend: { show: false },
      tooltip: {
        trigger: "item",
        formatter: ({ dataType, data, name, value }) =>
          dataType === "edge"
            ? `${data.source} → ${data.target}  ${thousands(data.value)}`
            : `${name}  ${thousands(value)}`,
      },
      xAxis: { show: false },
      yAxis: { show: false },
      series: [
        {
          type: "sankey",
          left: 4,
          right: narrow ? 0.85 * longest + 8 : longest + 60, // the ends' names, and their numbers
          top: 8,
          bottom: 8,
          nodeGap: narrow ? 8 : 12,
          nodeWidth: narrow ? 8 : 14,
          draggable: false,
          emphasis: { disabled: true },
          data: names.map((name, n) => ({
            name,
            itemStyle: { color: colour(tints[n % tints.length]), borderWidth: 0 },
            label: narrow && starts.has(name) ? { rotate: 90, align: "center", verticalAlign: "top", width: 200 } : {},
          })),
          links: [...sums].map(([key, value]) => {
            const [source, target] = JSON.parse(key);
            return { source, target, value };
          }),
          label: { color: colour("ink"), textBorderWidth: 0, fontSize: narrow ? 11 : 13, ...(narrow && { width: 0.85 * longest, overflow: "break" }), formatter: ({ name, value }) => (narrow ? name : `${name}${starts.has(name) ? "\n" : " "}${thousands(value)}`) },
          lineStyle: { color: "source", opacity: 0.28 },
        },
      ],
    };
  },
  hours({ days, use, nobody }, narrow) {
    const busiest = Math.max(1000, ...use);
    const cells = use.map((n, hour) => [Math.floor(hour / 24), hour % 24, n === nobody ? "-" : n / 10]);
    return {
      legend: { show: false },
      tooltip: {
        trigger: "item",
        formatter: ({ value: [day, hour, share] }) =>
          `${days[day]} ${hour}:00–${hour + 1}:00  ${share === "-" ? "–" : decimal(share, "%")}`,
      },
      grid: { left: 4, right: 14, top: 8, bottom: 56, containLabel: true },
      xAxis: nameAxis(days, { axisLabel: { ...axisText(), interval: 0, fontSize: narrow ? 11 : 13 } }),
      yAxis: nameAxis(
        [...Array(24).keys()].map((hour) => `${hour}:00`),
        { inverse: true, axisLabel: { ...axisText(), interval: narrow ? 3 : 1 } },
      ),
      visualMap: {
        min: 0,
        max: busiest / 10,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemHeight: narrow ? 160 : 260,
        text: [`${Math.round(busiest / 10)}%`, "0%"],
        textStyle: { color: colour("ink") },
        inRange: { color: [colour("cold"), colour("warm"), colour("hot")] },
      },
      series: [
        {
          type: "heatmap",
          data: cells,
          itemStyle: { borderColor: colour("paper"), borderWidth: 1 },
          emphasis: { disabled: true },
        },
      ],
    };
  },
  on_time({ bars }) {
    const said = bars.map(([, share, n]) => `${decimal(share, "%")} (${thousands(n)})`);
    const lowest = Math.min(100, ...bars.map(([, share]) => share));
    const drawn = sideBars(
      bars.map(([name]) => name),
      bars.map(([, share]) => share),
      said,
      { xAxis: { max: 100, min: lowest > 90 ? 90 : 0, axisLabel: { ...axisText(), formatter: "{value}%" } } },
    );
    // Dots, not bars: the axis need not begin at nothing.
    const data = bars.map(([, share], place) => [share, place]);
    drawn.series[0] = { ...drawn.series[0], type: "scatter", symbolSize: 9, data };
    return drawn;
  },
  checks({ rows, words }, narrow) {
    const ends = rows.flatMap(([, simulated, chance, priors]) => [simulated, ...chance, ...priors]);
    const far = Math.min(Math.max(10, ...ends.map((end) => Math.abs(end ?? 0))) * 1.05, 60);
    const near = (value) => Math.max(-far, Math.min(far, value));
    const span = (name, column, width, tint) => ({
      name,
      type: "custom",
      itemStyle: { color: colour(tint) },
      data: rows.map((row, n) => [n, ...row[column]]).filter((row) => row[1] != null),
      encode: { x: [1, 2], y: 0 },
      renderItem: (_params, api) => {
        const [left, y] = api.coord([near(api.value(1)), api.value(0)]);
        const [right] = api.coord([near(api.value(2)), api.value(0)]);
        const shape = { x: left, y: y - width / 2, width: Math.max(right - left, 2), height: width };
        return { type: "rect", shape, style: { fill: colour(tint), opacity: column === 2 ? 1 : 0.45 } };
      },
    });
    const long = (name) => (narrow ? name.split(" · ").join("\n") : name);
    return {
      legend: legendAbove([words.priors, words.chance, words.simulated], narrow),
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex, seriesType, value }) => {
          const [name, simulated, , , role] = rows[seriesType === "custom" ? value[0] : dataIndex];
          return `${name}\n${words.simulated} ${simulated > 0 ? "+" : ""}${decimal(simulated, "%")} · ${words.roles[role]}`;
        },
      },
      grid: { left: 14, right: 20, top: 40, bottom: 24, containLabel: true },
      xAxis: valueAxis("%", { min: -far, max: far, name: words.axis, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: colour("ink") } }),
      yAxis: nameAxis(rows.map(([name]) => long(name)), {
        inverse: true,
        axisLabel: { ...axisText(), interval: 0, fontSize: narrow ? 10 : 12, hideOverlap: false },
      }),
      series: [
        span(words.priors, 3, 12, "faint"),
        span(words.chance, 2, 5, "received"),
        {
          name: words.simulated,
          type: "scatter",
          symbol: "diamond",
          symbolSize: 11,
          z: 5,
          data: rows.map(([, simulated], n) => [near(simulated), n]),
          itemStyle: { color: colour("replied"), borderColor: colour("ink"), borderWidth: 1 },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: colour("ink"), type: "solid", width: 1 },
            data: [{ xAxis: 0 }],
          },
        },
      ],
    };
  },
};
