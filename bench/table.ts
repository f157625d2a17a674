import { table } from "../scripts/cli/terminal/table";
import { type Figure, holds, value } from "./figure";

const headings = ["measured", "against", "ours", "theirs", "result", "at most", ""];

/** Renders all figures as one table in plain text. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = figures.map(row);
  const widths = headings.map((name, i) =>
    Math.max(name.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  const rule = widths.map((width) => "-".repeat(width));
  return table([headings, rule, ...rows]);
}

function row(figure: Figure): string[] {
  const { kind, unit, limit } = figure;
  const result = value(figure);
  return [
    figure.measured,
    figure.against,
    `${short(figure.ours)} ${unit}`,
    `${short(figure.theirs)} ${unit}`,
    kind === "ratio" ? result.toFixed(2) : `${result < 0 ? "" : "+"}${result.toFixed(2)} ${unit}`,
    kind === "ratio" ? limit.toFixed(2) : `+${limit.toFixed(2)} ${unit}`,
    holds(figure) ? "holds" : "MISSED",
  ];
}

function short(amount: number): string {
  return amount >= 100 ? amount.toFixed(0) : amount.toPrecision(3);
}
