//! The validation report as one HTML page that needs nothing beside it.

use std::fmt::Write;

use super::report::{CaseReport, LeafReport, Status, ValidationReport};

const STYLE: &str = "body{font:15px/1.45 Georgia,serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#111}\
table{border-collapse:collapse;border-top:2px solid #111;border-bottom:2px solid #111;margin:1rem 0}\
th{border-bottom:1px solid #111;text-align:left}td,th{padding:.15rem .8rem .15rem 0;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.85em}summary{cursor:pointer}\
tr.differs td,tr.error td{font-weight:bold}";

pub(super) fn render(report: &ValidationReport) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_page(&mut out, report);
    out
}

fn write_page(out: &mut String, report: &ValidationReport) -> std::fmt::Result {
    write!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Validation report</title>\n")?;
    write!(out, "<style>{STYLE}</style>\n</head>\n<body>\n<h1>Validation report</h1>\n")?;
    writeln!(
        out,
        "<p>dosecase {}. Each leaf of each reference case is compared with what this installation computes. \
         A leaf or method that is not computed is not passed.</p>",
        env!("CARGO_PKG_VERSION")
    )?;
    write_counts(out, report)?;
    let conventions = report.other_conventions().count();
    if conventions > 0 {
        writeln!(
            out,
            "<p>{conventions} leaves are matched under another convention than this installation prints; their notes say which.</p>"
        )?;
    }
    for (method, cases, _) in report.by_method() {
        writeln!(out, "<h2>{}</h2>", escape(method))?;
        for case in cases {
            write_case(out, case)?;
        }
    }
    writeln!(out, "</body>\n</html>")
}

fn write_counts(out: &mut String, report: &ValidationReport) -> std::fmt::Result {
    writeln!(
        out,
        "<table>\n<tr><th>Method</th><th class=\"n\">Matched</th><th class=\"n\">Differs</th><th class=\"n\">Not computed</th><th class=\"n\">Error</th></tr>"
    )?;
    for (method, _, counts) in report.by_method() {
        write_row(out, method, [counts.matched, counts.differs, counts.not_computed, counts.error])?;
    }
    let (cases, leaves) = (&report.summary, &report.summary.leaves);
    write_row(out, "All cases", [cases.matched, cases.differs, cases.not_computed, cases.error])?;
    write_row(out, "All leaves", [leaves.matched, leaves.differs, leaves.not_computed, leaves.error])?;
    writeln!(out, "</table>")
}

fn write_row(out: &mut String, name: &str, counts: [usize; 4]) -> std::fmt::Result {
    write!(out, "<tr><td>{}</td>", escape(name))?;
    for count in counts {
        write!(out, "<td class=\"n\">{count}</td>")?;
    }
    writeln!(out, "</tr>")
}

fn write_case(out: &mut String, case: &CaseReport) -> std::fmt::Result {
    let noteworthy = case.status() >= Status::Differs || case.leaves.iter().any(|leaf| leaf.other_convention);
    let open = if noteworthy { " open" } else { "" };
    let status = case.status().id();
    writeln!(out, "<details{open}><summary>{} (<code>{}</code>): {status}</summary>", escape(&case.id), escape(&case.file))?;
    writeln!(
        out,
        "<table>\n<tr><th>Leaf</th><th class=\"n\">Expected</th><th class=\"n\">Computed</th><th>Tolerance</th><th>Status</th><th>Note</th></tr>"
    )?;
    for leaf in &case.leaves {
        write_leaf(out, leaf)?;
    }
    writeln!(out, "</table></details>")
}

fn write_leaf(out: &mut String, leaf: &LeafReport) -> std::fmt::Result {
    let tolerance = leaf.tolerance.map(|t| format!("rel {:e}, abs {:e}", t.rel, t.abs)).unwrap_or_default();
    let status = leaf.status.id();
    writeln!(
        out,
        "<tr class=\"{status}\"><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{tolerance}</td><td>{status}</td><td>{}</td></tr>",
        escape(&leaf.path),
        escape(&leaf.expected.to_string()),
        escape(&leaf.computed.to_string()),
        escape(leaf.note.as_deref().unwrap_or_default())
    )
}

/// Text as text: nothing from a case file becomes markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
