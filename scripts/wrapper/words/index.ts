export { changeLines, type ChangeLine } from "./lines";
export { asMarkdown, asText, type Note } from "./render";
