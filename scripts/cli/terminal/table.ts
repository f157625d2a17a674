import Table from "cli-table3";
import { visible } from "../../../contract/visible";

/** Two spaces between columns, and nothing else. */
const chars = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", right: "", "right-mid": "" },
  ...{ mid: "", "mid-mid": "", middle: "  " },
};

/** Columns without borders or colours, each as wide as its widest cell. No line ends in spaces. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = new Table({
    chars,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  columns.push(...rows.map((row) => row.map(visible)));
  return columns.toString().replace(/ +$/gm, "");
}
