//! What was found in the data, for the report.

use crate::data::survey::Survey;

/// One line for each thing that was found.
pub(super) fn found(survey: &Survey) -> Vec<String> {
    let mut lines = vec![match &survey.choice {
        Some(choice) => format!("{}: {choice}", survey.path.display()),
        None => format!("{}: {} datasets", survey.path.display(), survey.files.len()),
    }];
    let studies: Vec<String> = survey.studies.iter().map(|study| format!("{} ({} subjects)", study.value, study.count)).collect();
    lines.push(format!("studies: {}", studies.join(", ")));
    let arms = survey.arms.arms.iter().map(|arm| format!("{} ({})", arm.texts.first().map_or("", String::as_str), arm.planned));
    lines.push(format!("arms: {}", arms.collect::<Vec<_>>().join(", ")));
    let without = survey.arms.arms.iter().filter(|arm| arm.dose.is_none() && arm.comparator.is_none()).count();
    if without > 0 {
        lines.push(format!("arms without a dose: {without}; write it where there is one"));
    }
    for (dataset, parameters) in &survey.parameters {
        let codes: Vec<&str> = parameters.iter().map(|parameter| parameter.code.as_str()).collect();
        lines.push(format!("{dataset}: {}", codes.join(", ")));
    }
    let groups: Vec<&str> = survey.interest_groups.iter().map(|group| group.name.as_str()).collect();
    if !groups.is_empty() {
        lines.push(format!("groups of special interest: {}", groups.join(", ")));
    }
    for (name, path) in [("escalation decisions", &survey.beside.decisions), ("nonclinical package", &survey.beside.nonclinical)] {
        lines.extend(path.iter().map(|path| format!("{name}: {}", path.display())));
    }
    lines.extend(survey.left_out.iter().map(|left_out| format!("not read: {}: {}", left_out.file, left_out.reason)));
    lines.iter().map(|line| super::yaml::comment(line)).collect()
}
