//! A comparison as tables in plain text and in Markdown.

use crate::analysis::escalation::design_comparison::{ComparedScenario, ConductedDesign, DesignComparison};
use crate::analysis::escalation::trial_characteristics::{CorrectSelection, TrialCharacteristics};
use crate::render::number::fixed;

use super::performance::{DurationUnit, Performance};
use super::words::{conduct, correct, counted, design_name, method, notes, percent, probability, scenario_name, target};

/// Width of the lines of notes in plain text.
const NOTE_WIDTH: usize = 110;

/// One table: heads, and rows of which some are only the name of those that follow.
struct Grid {
    heads: Vec<String>,
    rows: Vec<Row>,
}

enum Row {
    Group(String),
    Cells(Vec<String>),
}

/// The comparison as plain text.
#[must_use]
pub fn comparison_text(comparison: &DesignComparison) -> String {
    let mut text = opening(comparison);
    text.push_str("\n\nDesigns\n");
    comparison.designs.iter().for_each(|design| text.push_str(&format!("  {}\n", conduct(design))));
    for scenario in &comparison.scenarios {
        let title = title(comparison, scenario);
        text.push_str(&format!("\n{title}\n{}\n", "─".repeat(title.chars().count())));
        text.push_str(&aligned(&by_dose(comparison, scenario)));
        text.push('\n');
        text.push_str(&aligned(&performance(comparison, scenario)));
    }
    text.push('\n');
    notes(comparison).iter().for_each(|note| text.push_str(&format!("{}\n", wrapped(note))));
    text
}

/// The comparison as Markdown.
#[must_use]
pub fn comparison_markdown(comparison: &DesignComparison) -> String {
    let mut text = format!("# Operating characteristics\n\n{}\n\n", opening(comparison));
    comparison.designs.iter().for_each(|design| text.push_str(&format!("- {}\n", escaped(&conduct(design)))));
    for scenario in &comparison.scenarios {
        text.push_str(&format!("\n## {}\n\n", escaped(&title(comparison, scenario))));
        text.push_str(&piped(&by_dose(comparison, scenario)));
        text.push('\n');
        text.push_str(&piped(&performance(comparison, scenario)));
    }
    text.push('\n');
    notes(comparison).iter().for_each(|note| text.push_str(&format!("{}\n\n", escaped(note))));
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn opening(comparison: &DesignComparison) -> String {
    format!(
        "{} under {}; target P(DLT) {}",
        counted(comparison.designs.len(), "design", "designs"),
        counted(comparison.scenarios.len(), "scenario", "scenarios"),
        target(comparison)
    )
}

fn title(comparison: &DesignComparison, scenario: &ComparedScenario) -> String {
    let assumed = &scenario.assumed;
    let mut of_results = scenario.results.iter().map(|result| correct(result.correct, &comparison.doses));
    let first = of_results.next().unwrap_or_default();
    let label = scenario_name(scenario);
    let name = if label == assumed.id { label } else { format!("{label} ({})", assumed.id) };
    // Designs that look at efficacy may have another correct dose; their rows say so.
    if of_results.all(|other| other == first) { format!("{name} – correct: {first}") } else { name }
}

/// Selection, patients and toxicities at each dose.
fn by_dose(comparison: &DesignComparison, scenario: &ComparedScenario) -> Grid {
    let heads = std::iter::once(String::new()).chain(comparison.doses.iter().cloned()).chain(["none".to_owned(), "total".to_owned()]);
    let truth = |name: &str, values: &[f64]| {
        let cells = std::iter::once(name.to_owned()).chain(values.iter().map(|value| probability(*value)));
        Row::Cells(cells.chain([String::new(), String::new()]).collect())
    };
    let mut rows = vec![truth("True P(DLT)", &scenario.assumed.toxicity)];
    rows.extend(scenario.assumed.efficacy.iter().map(|efficacy| truth("True P(efficacy)", efficacy)));
    let named = || comparison.designs.iter().map(|design| format!("  {}", design_name(design))).zip(&scenario.results);
    rows.push(Row::Group("Selected, %".to_owned()));
    rows.extend(named().map(|(name, result)| {
        let right = |dose: usize| matches!(result.correct, Some(CorrectSelection::Dose(level)) if level.0 == dose);
        let mark = |right: bool, text: String| if right { format!("{text}*") } else { text };
        let doses = result.select_prob.iter().enumerate().map(|(dose, probability)| mark(right(dose), percent(*probability)));
        let none = mark(result.correct == Some(CorrectSelection::NoDose), percent(result.prob_none));
        Row::Cells(std::iter::once(name).chain(doses).chain([none, String::new()]).collect())
    }));
    let counts = |name: String, means: &[f64], total: f64| {
        let doses = means.iter().map(|mean| fixed(*mean, 1));
        Row::Cells(std::iter::once(name).chain(doses).chain([String::new(), fixed(total, 1)]).collect())
    };
    rows.push(Row::Group("Patients, mean".to_owned()));
    rows.extend(named().map(|(name, result)| counts(name, &result.mean_n, result.mean_total_n)));
    rows.push(Row::Group("DLTs, mean".to_owned()));
    rows.extend(named().map(|(name, result)| counts(name, &result.mean_tox, result.mean_total_tox)));
    if scenario.results.iter().any(|result| result.mean_efficacies.is_some()) {
        rows.push(Row::Group("Efficacies, mean".to_owned()));
        rows.extend(named().filter_map(|(name, result)| {
            let efficacies = result.mean_efficacies.as_ref()?;
            Some(counts(name, efficacies, efficacies.iter().sum()))
        }));
    }
    Grid { heads: heads.collect(), rows }
}

/// How well each design does as a whole: the measures that apply to one design at least.
fn performance(comparison: &DesignComparison, scenario: &ComparedScenario) -> Grid {
    let measured: Vec<Vec<Performance>> =
        scenario.results.iter().map(|result| super::performance::performance(result, DurationUnit::Days)).collect();
    let doses: Vec<String> = scenario.results.iter().map(|result| correct(result.correct, &comparison.doses)).collect();
    let several = doses.iter().any(|dose| Some(dose) != doses.first());
    let applies = |column: &usize| measured.iter().any(|measures| measures.get(*column).is_some_and(|measure| measure.value.is_some()));
    let columns: Vec<usize> = (0..measured.first().map_or(0, Vec::len)).filter(applies).collect();
    let mut heads = vec![String::new()];
    heads.extend(several.then(|| "Correct dose".to_owned()));
    heads.extend(measured.first().into_iter().flat_map(|measures| columns.iter().filter_map(|column| measures.get(*column))).map(label));
    heads.push("Computed".to_owned());
    let row = |(((design, result), measures), dose): (((&ConductedDesign, &TrialCharacteristics), &Vec<Performance>), String)| {
        let shown = |column: &usize| measures.get(*column).and_then(|measure| measure.shown.clone()).unwrap_or_else(|| "–".to_owned());
        let cells = std::iter::once(design_name(design)).chain(several.then_some(dose)).chain(columns.iter().map(shown));
        Row::Cells(cells.chain([method(result)]).collect())
    };
    let rows = comparison.designs.iter().zip(&scenario.results).zip(&measured).zip(doses).map(row).collect();
    Grid { heads, rows }
}

fn label(measure: &Performance) -> String {
    measure.label.to_owned()
}

/// Columns side by side: the first to the left, the others to the right; long heads in several lines.
fn aligned(grid: &Grid) -> String {
    let heads: Vec<Vec<&str>> = grid.heads.iter().map(|head| head_lines(head)).collect();
    let tallest = heads.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = grid.rows.iter().filter_map(|row| match row {
            Row::Group(_) => None,
            Row::Cells(cells) => cells.get(column).map(|cell| unmarked(cell)),
        });
        let head = heads.get(column).into_iter().flatten().map(|line| line.chars().count());
        cells.map(|cell| cell.chars().count()).chain(head).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..grid.heads.len()).map(width).collect();
    let mut text = String::new();
    for line in 0..tallest {
        let cells =
            heads.iter().map(|lines| (line + lines.len()).checked_sub(tallest).and_then(|place| lines.get(place)).map_or("", |cell| cell));
        push_line(&mut text, cells, &widths);
    }
    for row in &grid.rows {
        match row {
            Row::Group(name) => text.push_str(&format!("{name}\n")),
            Row::Cells(cells) => push_line(&mut text, cells.iter().map(String::as_str), &widths),
        }
    }
    text
}

/// The text without the mark behind it, which stands outside of the column.
fn unmarked(cell: &str) -> &str {
    cell.strip_suffix('*').unwrap_or(cell)
}

fn push_line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>, widths: &[usize]) {
    let mut line = String::new();
    for (place, (cell, width)) in cells.zip(widths).enumerate() {
        let room = " ".repeat(width.saturating_sub(unmarked(cell).chars().count()));
        let mark = if cell.ends_with('*') { "*" } else { " " };
        line.push_str(&if place == 0 { format!("{cell}{room} ") } else { format!(" {room}{}{mark}", unmarked(cell)) });
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// A head in lines of a few words.
fn head_lines(head: &str) -> Vec<&str> {
    match head {
        "Selected above target, %" => vec!["Selected", "above target, %"],
        "Patients above target, %" => vec!["Patients", "above target, %"],
        "Stopped for toxicity, %" => vec!["Stopped for", "toxicity, %"],
        "Stopped for futility, %" => vec!["Stopped for", "futility, %"],
        "Duration, months" => vec!["Duration,", "months"],
        other => vec![other],
    }
}

fn wrapped(note: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in note.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= NOTE_WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n  ")
}

/// A Markdown table; names of rows that follow are bold.
fn piped(grid: &Grid) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| escaped(cell.trim())).collect::<Vec<_>>().join(" | "));
    let rule: Vec<&str> = grid.heads.iter().enumerate().map(|(place, _)| if place == 0 { ":---" } else { "---:" }).collect();
    let mut text = line(&grid.heads);
    text.push_str(&format!("| {} |\n", rule.join(" | ")));
    for row in &grid.rows {
        match row {
            Row::Group(name) => {
                let empty = std::iter::repeat_n(String::new(), grid.heads.len().saturating_sub(1)).collect::<Vec<_>>().join(" | ");
                text.push_str(&format!("| **{}** | {empty} |\n", escaped(name)));
            }
            Row::Cells(cells) => text.push_str(&line(cells)),
        }
    }
    text
}

/// Words that Markdown leaves alone.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '#' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::words::compared;
    use super::*;

    #[test]
    fn marks_stand_outside_of_their_column() {
        let cells = |cells: &[&str]| Row::Cells(cells.iter().map(|cell| (*cell).to_owned()).collect());
        let grid = Grid {
            heads: vec![String::new(), "10 mg".into()],
            rows: vec![Row::Group("G".into()), cells(&["a", "5.0*"]), cells(&["b", "12.0"])],
        };
        assert_eq!(aligned(&grid), "   10 mg\nG\na    5.0*\nb   12.0\n");
        assert_eq!(piped(&grid), "|  | 10 mg |\n| :--- | ---: |\n| **G** |  |\n| a | 5.0\\* |\n| b | 12.0 |\n");
    }

    #[test]
    fn whatever_a_label_holds_stays_in_its_cell() {
        let text = "dose_levels: 2\ndesigns: [{id: a, label: \"a|b\\n# *c*\", design: {boin: {target: 0.3, max_patients: 6}}}]\n\
                    scenarios: [{id: s, label: \"_x_\\r\\n<b>\", toxicity: [0.1, 0.3]}]\n";
        let comparison = compared(text);
        let markdown = comparison_markdown(&comparison);
        assert!(markdown.contains("| a\\|b \\# \\*c\\* |") && markdown.contains("## \\_x\\_ \\<b\\> (s)"), "{markdown}");
        assert!(comparison_text(&comparison).contains("\n_x_ <b> (s) – correct: Dose 2\n"));
    }

    #[test]
    fn notes_are_wrapped_between_words() {
        let note = "word ".repeat(60);
        assert!(wrapped(&note).lines().count() == 3 && wrapped(&note).lines().all(|line| line.chars().count() <= NOTE_WIDTH + 2));
    }
}
