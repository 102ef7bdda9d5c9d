//! The validation report as plain text.

use std::fmt::Write;

use super::report::{CaseReport, LeafReport, Status, ValidationReport};

pub(super) fn render(report: &ValidationReport) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_report(&mut out, report);
    out
}

fn write_report(out: &mut String, report: &ValidationReport) -> std::fmt::Result {
    let groups = report.by_method();
    let width = groups.iter().map(|(method, _, _)| method.chars().count()).max().unwrap_or(0).max("method".len());
    writeln!(out, "{:width$}  matched  differs  not computed  error", "method")?;
    for (method, _, counts) in &groups {
        writeln!(out, "{method:width$}  {:7}  {:7}  {:12}  {:5}", counts.matched, counts.differs, counts.not_computed, counts.error)?;
    }
    let (cases, leaves) = (&report.summary, &report.summary.leaves);
    writeln!(out, "{:width$}  {:7}  {:7}  {:12}  {:5}", "cases", cases.matched, cases.differs, cases.not_computed, cases.error)?;
    writeln!(out, "{:width$}  {:7}  {:7}  {:12}  {:5}", "leaves", leaves.matched, leaves.differs, leaves.not_computed, leaves.error)?;
    for (method, cases, _) in &groups {
        for case in cases.iter().filter(|case| case.status() >= Status::Differs) {
            write_case(out, method, case)?;
        }
    }
    write_other_conventions(out, report)
}

/// Matches that a reader must not take for agreement with what this program prints.
fn write_other_conventions(out: &mut String, report: &ValidationReport) -> std::fmt::Result {
    let leaves: Vec<_> = report.other_conventions().collect();
    if leaves.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nmatched under another convention: {} leaves", leaves.len())?;
    for (case, leaf) in leaves {
        writeln!(
            out,
            "  {} / {} {}: expected {}, {}",
            case.method,
            case.id,
            leaf.path,
            leaf.expected,
            leaf.note.as_deref().unwrap_or_default()
        )?;
    }
    Ok(())
}

fn write_case(out: &mut String, method: &str, case: &CaseReport) -> std::fmt::Result {
    writeln!(out, "\n{method} / {} ({}): {}", case.id, case.file, case.status().id())?;
    for leaf in case.leaves.iter().filter(|leaf| leaf.status >= Status::Differs) {
        write_leaf(out, leaf)?;
    }
    Ok(())
}

fn write_leaf(out: &mut String, leaf: &LeafReport) -> std::fmt::Result {
    if leaf.path.is_empty() {
        return writeln!(out, "  {}", leaf.note.as_deref().unwrap_or_default());
    }
    write!(out, "  {}: expected {}, computed {}", leaf.path, leaf.expected, leaf.computed)?;
    if let Some(tolerance) = leaf.tolerance {
        write!(out, " (rel {:e}, abs {:e})", tolerance.rel, tolerance.abs)?;
    }
    match &leaf.note {
        Some(note) => writeln!(out, "; {note}"),
        None => writeln!(out),
    }
}
