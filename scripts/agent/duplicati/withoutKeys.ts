const scheme = "[a-z][a-z0-9+.-]*://";
const login = new RegExp(`(${scheme})[^\\s/?"']*@`, "gi");
const query = new RegExp(`(${scheme}[^\\s?"']*)\\?[^\\s"']*`, "gi");

/** Removes the login and the query of each URL in a text of Duplicati: a target has its keys there. */
export function withoutKeys(text: string): string {
  return text.replace(login, "$1").replace(query, "$1");
}
