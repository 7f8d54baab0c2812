namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>The look of the report: one style sheet inside the page, no script, light or dark as the reader's system says.</summary>
internal static class ReportStyle
{
    /// <summary>
    /// What the page may load: pictures inside it or beside it, and its own styles. Model text that got past the escaping could still run
    /// nothing and call nobody.
    /// </summary>
    public const string ContentSecurityPolicy = "default-src 'none'; img-src data: 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1c1e21; --soft: #62676e; --line: #dcdfe3; --ground: #fbfbfa; --card: #ffffff; --well: #f3f4f5;
          --accent: #0062a3; --good: #1c7a4c; --warn: #9a6200; --bad: #b3261e; --window: #c9d6e2; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #9aa1a9; --line: #33383e; --ground: #16181b; --card: #1d2024;
          --well: #25292e; --accent: #6cb6ea; --good: #5fc48f; --warn: #e0ac4d; --bad: #f28b82; --window: #3a4a59; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
        main, header.top { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
        header.top { padding-top: 32px; padding-bottom: 8px; }
        h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
        h2 { font-size: 20px; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
        h3 { font-size: 13px; margin: 20px 0 6px; color: var(--soft); font-weight: 600; text-transform: uppercase; letter-spacing: 0.05em; }
        p { margin: 0 0 8px; }
        a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
        .soft { color: var(--soft); } .small { font-size: 13px; }
        section.job { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 22px 24px; margin: 24px 0; }
        .head { display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap; }
        .state { font-size: 12px; font-weight: 600; border: 1px solid currentColor; border-radius: 999px; padding: 1px 9px; }
        .state.succeeded { color: var(--good); } .state.partial { color: var(--warn); } .state.failed, .state.cancelled { color: var(--bad); } .state.open { color: var(--soft); }
        .page { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 28px; padding-top: 20px; margin-top: 20px; border-top: 1px solid var(--line); }
        .page.plain { grid-template-columns: minmax(0, 0.72fr) minmax(0, 1fr); }
        @media (max-width: 800px) { .page, .page.plain { grid-template-columns: minmax(0, 1fr); } }
        .page h3:first-child { margin-top: 0; }
        figure { margin: 0; } figcaption { margin-top: 6px; font-size: 13px; color: var(--soft); }
        .raster { position: relative; border: 1px solid var(--line); border-radius: 4px; overflow: hidden; background: #fff; line-height: 0; }
        .raster img { width: 100%; height: auto; display: block; }
        .raster svg { position: absolute; inset: 0; width: 100%; height: 100%; }
        .raster rect.box { fill: none; vector-effect: non-scaling-stroke; stroke-width: 2px; }
        .raster text { font: 600 11px system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; fill: #fff; }
        pre { margin: 0; padding: 12px 14px; background: var(--well); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.55 ui-monospace, "DejaVu Sans Mono", monospace; }
        blockquote { margin: 0; padding: 2px 0 2px 14px; border-left: 3px solid var(--accent); font-size: 16px; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; } th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
        th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .chip { display: inline-block; min-width: 20px; padding: 0 5px; border-radius: 3px; color: #fff; font-size: 12px; font-weight: 600; text-align: center; }
        .timeline { position: relative; margin: 8px 0 4px; } .lane { position: relative; height: 26px; margin-bottom: 4px; background: var(--well); border-radius: 4px; }
        .bar { position: absolute; top: 0; bottom: 0; border-radius: 4px; min-width: 4px; color: #fff; font-size: 12px; line-height: 26px; padding: 0 6px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
        .bar.window { background: var(--window); color: var(--ink); } .axis { position: relative; height: 20px; font-size: 12px; color: var(--soft); }
        .axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; } .axis span:first-child { transform: none; } .axis span:last-child { transform: translateX(-100%); }
        .strip { display: flex; gap: 6px; flex-wrap: wrap; } .strip figure { width: 112px; } .strip img { width: 100%; display: block; border-radius: 3px; border: 1px solid var(--line); background: #fff; }
        .strip figcaption { margin-top: 2px; font-size: 12px; }
        .problem { color: var(--warn); } .usage { margin-top: 18px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 13px; color: var(--soft); }
        footer { max-width: 1240px; margin: 0 auto; padding: 0 24px 40px; color: var(--soft); font-size: 13px; }
        """;
}
