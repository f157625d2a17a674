import { html, type Html } from "./html";
import type { Node } from "./node";
import { words } from "./states";

/** Where a node is, and how large, in the picture's units. */
interface Box {
  node: Node;
  x: number;
  y: number;
  width: number;
}

const height = 74;

/** Beside each other: for screens that are wide enough to read it. */
export function wide(nodes: readonly Node[]): Html {
  const [width, gap, row] = [206, 98, height + 18];
  const columns = [0, 1, 2, 3].map((column) => nodes.filter((node) => node.column === column));
  const used = columns.filter((column) => column.length > 0);
  const rows = Math.max(...used.map((column) => column.length));
  const boxes = used.flatMap((column, c) =>
    column.map((node, r): Box => {
      const from = used[c - 1]?.findIndex(({ id }) => id === node.from?.id) ?? -1;
      // What is fed by the last of several stands beside it; the others are in the middle.
      const top = from > 0 ? from : (rows - column.length) / 2 + r;
      return { node, x: c * (width + gap), y: 1 + top * row, width };
    }),
  );
  const size = { width: used.length * (width + gap) - gap, height: rows * row - 16 };
  return picture("wide", boxes, size, (from, to) => {
    const [x1, y1] = [from.x + from.width, from.y + height / 2];
    const [x2, y2] = [to.x, to.y + height / 2];
    // Several arrows leave together, and part in the middle of the gap.
    const middle = x1 + 28;
    const bend = Math.sign(y2 - y1) * Math.min(10, Math.abs(y2 - y1) / 2);
    const path =
      Math.abs(y2 - y1) < 1
        ? `M${x1} ${y1}H${x2 - 7}`
        : `M${x1} ${y1}H${middle - 10}Q${middle} ${y1} ${middle} ${y1 + bend}V${y2 - bend}Q${middle} ${y2} ${middle + 10} ${y2}H${x2 - 7}`;
    return { path, tip: `M${x2 - 8} ${y2 - 4.5}l8 4.5-8 4.5Z`, label: { x: x2 - 11, y: y2 - 7 } };
  });
}

/** Below each other: what is fed stands to the right of what feeds it. */
export function narrow(nodes: readonly Node[]): Html {
  const first = Math.min(...nodes.map(({ column }) => column));
  const indent = 24;
  const all = 328;
  const boxes = nodes.map((node, i): Box => {
    // The pooler and the primary stand above each other: both are before everything else.
    const x = Math.max(0, node.column - Math.max(1, first)) * indent;
    return { node, x, y: 1 + i * (height + 16), width: all - x - 1 };
  });
  const size = { width: all, height: nodes.length * (height + 16) - 14 };
  return picture("narrow", boxes, size, (from, to) => {
    if (from.x === to.x) {
      const [x, y] = [from.x + 12, to.y];
      return {
        path: `M${x} ${from.y + height}V${y - 7}`,
        tip: `M${x - 4.5} ${y - 8}l4.5 8 4.5-8Z`,
      };
    }
    const [x, y] = [from.x + 12, to.y + height / 2];
    const path = `M${x} ${from.y + height}V${y - 10}Q${x} ${y} ${x + 6} ${y}H${to.x - 6}`;
    return { path, tip: `M${to.x - 7} ${y - 4.5}l7 4.5-7 4.5Z` };
  });
}

interface Arrow {
  path: string;
  tip: string;
  label?: { x: number; y: number };
}

function picture(
  name: "wide" | "narrow",
  boxes: readonly Box[],
  size: { width: number; height: number },
  arrowOf: (from: Box, to: Box) => Arrow,
): Html {
  const arrows = boxes.flatMap((to) => {
    const from = boxes.find(({ node }) => node.id === to.node.from?.id);
    return from && to.node.from ? [arrow(to.node, arrowOf(from, to))] : [];
  });
  const described = boxes.map(
    ({ node }) => `${node.title}: ${words[node.status]}, ${node.lines.join(", ")}`,
  );
  return html`<svg
    class="picture ${name}"
    width="${size.width}"
    height="${size.height}"
    viewBox="0 0 ${size.width} ${size.height}"
    role="img"
    aria-label="${described.join(". ")}."
  >
    ${arrows}${boxes.map(box)}
  </svg>`;
}

function arrow({ from }: Node, { path, tip, label }: Arrow): Html {
  return html`<g class="flow ${from!.flows ? "" : "stopped"}">
    <path class="way" d="${path}" /><path class="tip" d="${tip}" />
    ${label && html`<text x="${label.x}" y="${label.y}">${from!.what}</text>`}
  </g>`;
}

/** Text ends at the box, however wide its letters are: a nested picture cuts it off. */
function box({ node, x, y, width }: Box): Html {
  const { title, status, lines } = node;
  // What has one line stands in the middle.
  const down = lines.length > 1 ? 0 : 8;
  return html`<g class="node ${status}">
    <title>${title}: ${words[status]}</title>
    <rect x="${x + 0.5}" y="${y}" width="${width - 1}" height="${height}" rx="8" />
    <use
      class="shape ${status}"
      href="#is-${status}"
      x="${x + 14}"
      y="${y + 13 + down}"
      width="18"
      height="18"
    />
    <svg x="${x + 42}" y="${y}" width="${width - 54}" height="${height}">
      <text class="title" y="${27 + down}">${title}</text>
      ${lines.slice(0, 2).map((text, i) => html`<text y="${47 + down + i * 17}">${text}</text>`)}
    </svg>
  </g>`;
}
