import { type Figure, holds, value } from "./figure";

const headings = ["measured", "against", "ours", "theirs", "result", "at most", ""];

/** All figures as one table of plain text. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = [headings, ...figures.map(row)];
  const widths = headings.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return lines.join("\n");
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
