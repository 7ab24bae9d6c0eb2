/**
 * Plain text as HTML that shows it as it is, for helpdesks whose comments are HTML: markup in it is only text, line ends
 * stay, and blanks that HTML would join are kept apart.
 */
export function textToHtml(text: string): string {
  return text.replace(/\r\n?/g, "\n").split("\n").map(lineToHtml).join("<br>");
}

function lineToHtml(line: string): string {
  return line
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;")
    .replace(/\t/g, "    ")
    .replace(/^ | (?= )| $/g, "&nbsp;");
}
