import { createHash } from "node:crypto";

/**
 * The page's style. Lengths are multiples of 4 px. Each state has one colour, in two strengths: of text and shapes, and
 * of grounds. Every text has a contrast of at least 4.5 to its ground, in light and in dark.
 */
export const style = `
:root{--ground:#fff;--text:#15181e;--muted:#5b626e;--line:#e2e5e9;--quiet:#f3f5f7;--bar:#e9ecf0;
--good:#0a7a48;--good-soft:#e4f4eb;--good-bar:#86cba6;--degraded:#8a5300;--degraded-soft:#fdf0d5;--degraded-bar:#e0a030;
--failed:#b42318;--failed-soft:#fde7e4;--failed-bar:#d64539;--unknown:#555c68;--unknown-bar:#a4acb8;--unknown-soft:#eceef1;--pending:#2c5fb3;--pending-soft:#e6eefb}
@media (prefers-color-scheme:dark){:root{--ground:#0f1216;--text:#eceff3;--muted:#9aa3af;--line:#272d35;--quiet:#181c22;--bar:#20262d;
--good:#4fce8f;--good-soft:#10281d;--good-bar:#2b7a54;--degraded:#f2b441;--degraded-soft:#2d2209;--degraded-bar:#c98d1e;
--failed:#ff8377;--failed-soft:#351613;--failed-bar:#e0574b;--unknown:#a9b1bd;--unknown-bar:#626b78;--unknown-soft:#1d2229;--pending:#83b1ff;--pending-soft:#13203a}}
*{box-sizing:border-box;margin:0}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--ground);color:var(--text);-webkit-text-size-adjust:100%;font-variant-numeric:tabular-nums}
body{min-width:320px;overflow-wrap:break-word}
th,td,dt,dd,h1,h3,p{overflow-wrap:anywhere}td.word{white-space:nowrap}
.width{max-width:1136px;margin-inline:auto;padding-inline:16px}
a{color:inherit;text-underline-offset:3px}
:focus-visible{outline:2px solid currentcolor;outline-offset:3px;border-radius:2px}
.shapes{position:absolute;width:0;height:0}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.good{--own:var(--good);--soft:var(--good-soft)}.degraded{--own:var(--degraded);--soft:var(--degraded-soft)}
.failed{--own:var(--failed);--soft:var(--failed-soft)}.unknown{--own:var(--unknown);--soft:var(--unknown-soft)}.pending{--own:var(--pending);--soft:var(--pending-soft)}
.shape{width:20px;height:20px;flex:none;vertical-align:-4px;color:var(--own);--mark:var(--ground)}
.body,.dot{fill:currentcolor}.mark{fill:none;stroke:var(--mark);stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}.point{fill:var(--mark)}
.ring,.line{fill:none;stroke:currentcolor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.word{color:var(--own);font-weight:600}td.good{color:var(--muted);font-weight:400}
h1,h2,h3{line-height:1.2;font-weight:650;letter-spacing:-.01em}
section{padding:40px 0 0}
section>h2{font-size:20px;margin-bottom:16px}
.top{background:var(--soft);padding:16px 0 32px}
.bar{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 24px;font-size:14px}
.stack{padding-left:8px;margin-left:4px;border-left:1px solid currentcolor}
.looked a{margin-left:12px}
.verdict{display:flex;gap:20px;align-items:flex-start;padding-top:32px}
.verdict>.shape{width:56px;height:56px;--mark:var(--soft)}
.verdict h1{font-size:40px;line-height:56px;color:var(--own);letter-spacing:-.02em}
.verdict p{font-size:20px;line-height:1.4;max-width:44em}
.problems ul,.outages{list-style:none;padding:0}
.problems li{display:flex;gap:16px;padding:20px 0;border-top:1px solid var(--line)}
.problems li:last-child{border-bottom:1px solid var(--line)}
.problems li>div{flex:1;min-width:0}
.problems .shape{width:24px;height:24px}
h3{font-size:17px;line-height:24px}
h3 .word{font-size:14px;margin-left:4px}
.since,.muted,.path{color:var(--muted)}
.since{font-size:14px}
.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
pre{margin-top:12px;padding:10px 14px;background:var(--quiet);border-radius:6px;white-space:pre-wrap;user-select:all;font:14px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre code{font:inherit}
.answers{display:grid;gap:32px}
.answer h2{font-size:14px;line-height:20px;font-weight:500;color:var(--muted);letter-spacing:0}
.short{font-size:32px;line-height:40px;font-weight:650;letter-spacing:-.02em;word-spacing:.08em;margin:4px 0}
.short.degraded,.short.failed,.short.unknown,.short.pending{color:var(--own)}
.answer dl{margin-top:12px;font-size:14px}
.answer dl div{display:flex;justify-content:space-between;gap:16px;padding:6px 0;border-top:1px solid var(--line)}
.answer dt{color:var(--muted);min-width:6.5em}.answer dd{text-align:right;flex:0 1 auto;max-width:62%}
.answer dd .shape{width:15px;height:15px;vertical-align:-2px}
.picture{display:block;max-width:100%;height:auto}
.picture.wide{display:none}.picture.narrow{width:100%;max-width:440px}
.node rect{fill:var(--quiet);stroke:var(--line)}
.node.degraded rect,.node.failed rect{fill:var(--soft);stroke:var(--own)}
.node.unknown rect{stroke:var(--own);stroke-dasharray:4 4}
.node .shape{--mark:var(--quiet)}
.node text{font-size:12.5px;fill:var(--muted)}.node .title{font-size:15px;font-weight:650;fill:var(--text)}
.way{fill:none;stroke:var(--muted);stroke-width:1.5}.tip{fill:var(--muted)}
.flow text{font-size:11.5px;fill:var(--muted);text-anchor:end}
.flow.stopped .way{stroke-dasharray:2 5;stroke-linecap:round}
.rows{display:grid;grid-template-columns:max-content 1fr;gap:8px 16px;align-items:center;font-size:14px}
.lags{display:grid;grid-template-columns:minmax(0,max-content) minmax(0,1fr) max-content;gap:8px 16px;align-items:center;font-size:14px}
.lags div{display:contents}
.lags dt{color:var(--muted);max-width:240px}
.rows>span{color:var(--muted)}
.strip{display:block;width:100%;height:24px}
.ground{fill:var(--bar)}
.strip .good{fill:var(--good-bar)}.strip .degraded{fill:var(--degraded-bar)}.strip .failed{fill:var(--failed-bar)}.strip .unknown{fill:var(--unknown-bar)}
.axis{display:flex;justify-content:space-between;color:var(--muted);font-size:13px}
.key{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:13px;color:var(--muted);padding:12px 0 8px}
.swatch{display:inline-block;width:10px;height:12px;margin-right:6px;vertical-align:-1px;background:var(--bar)}
.swatch.good{background:var(--good-bar)}.swatch.degraded{background:var(--degraded-bar)}.swatch.failed{background:var(--failed-bar)}.swatch.unknown{background:var(--unknown-bar)}
details{border-top:1px solid var(--line);font-size:14px}
details:last-of-type{border-bottom:1px solid var(--line)}
summary{padding:10px 0;cursor:pointer;font-weight:500}
.outages{padding-bottom:12px}
.outages li{display:flex;gap:12px;padding:6px 0}
.outages .shape{width:16px;height:16px;margin-top:2px}
.scrolls{overflow-x:auto;padding-bottom:12px}
table{width:100%;border-collapse:collapse;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:10px 24px 10px 0;font-weight:400;border-top:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-size:13px;border-top:0;padding-top:0}
tbody th{font-weight:550}
.checks tbody th{position:relative;padding-left:26px}tbody th .shape{position:absolute;left:0;top:12px;width:17px;height:17px}
.figure{white-space:nowrap}
.plain th,.plain td{padding:4px 20px 4px 0;white-space:nowrap}
.meter{display:block;width:100%;min-width:120px;height:6px;margin:7px 0 4px}.used{fill:var(--muted)}
.many{margin-top:40px;font-size:16px}.many section{padding-top:8px}
footer{padding-top:40px;padding-bottom:48px;font-size:14px;color:var(--muted)}
@media (max-width:639px){
.verdict{flex-direction:column;gap:8px;padding-top:24px}.verdict>.shape{width:48px;height:48px}
.verdict h1{font-size:34px;line-height:44px}.verdict p{font-size:18px}
section:not(.timeline) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
section:not(.timeline) tr{display:flex;flex-wrap:wrap;gap:0 16px;padding:10px 0;border-top:1px solid var(--line)}
section:not(.timeline) :is(td,th){border:0;padding:0}section.checks:not(.timeline) tbody th{padding-left:26px}tbody th .shape{top:2px}
section:not(.timeline) tbody th,.sentence,.fill{flex:1 0 100%}
section.checks:not(.timeline) tbody th{flex:1 1 0}section.checks .word{flex:none}.checks .figure{color:var(--muted)}
.problems li{gap:12px}
.lags{grid-template-columns:minmax(0,1fr)}.lags div{display:grid;grid-template-columns:minmax(0,1fr) max-content;gap:4px 16px}.lags .bars{order:1;grid-column:1/-1}
}
@media (min-width:640px){.only-narrow{display:none}.fill{min-width:220px}.checks tbody th{white-space:normal;width:24%}}
@media (min-width:720px){.width{padding-inline:32px}
.answers{grid-template-columns:repeat(3,minmax(0,1fr));gap:0}
.answer{padding:0 24px;border-left:1px solid var(--line)}.answer:first-child{padding-left:0;border:0}.answer:last-child{padding-right:0}
.strip{height:30px}}
@media (min-width:920px){.answer{padding:0 32px}.picture.wide{display:block}.picture.narrow{display:none}}
`;

/** What a Content-Security-Policy allows in `style-src`: this style and no other. */
export const styleHash = `sha256-${createHash("sha256").update(style).digest("base64")}`;
