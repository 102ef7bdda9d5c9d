//! `dosecase man`.

use clap::{Command, CommandFactory};

use super::exit::ExitStatus;
use super::report;

/// Prints the manual page: the program, then every command.
pub(super) fn run() -> anyhow::Result<ExitStatus> {
    let command = super::Cli::command();
    let mut page = page(&command)?;
    page.push_str(".SH COMMANDS\n");
    page.push_str(&sections(&command, command.get_name())?);
    report::print(&page)?;
    Ok(ExitStatus::Done)
}

/// The program: all that the generator writes, in one page instead of one for each command.
fn page(command: &Command) -> anyhow::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    let page = String::from_utf8(page)?;
    let name = command.get_name();
    Ok(as_written(&page, ".SH EXTRA", ".SH EXAMPLES AND EXIT CODES")
        .replace(&format!("{name}\\-"), &format!("{name} "))
        .replace("(1)\n", "\n"))
}

/// The commands of a command, each followed by its own.
fn sections(command: &Command, name: &str) -> anyhow::Result<String> {
    let mut sections = String::new();
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let full = format!("{name} {}", subcommand.get_name());
        sections.push_str(&section(subcommand, &full)?);
        sections.push_str(&self::sections(subcommand, &full)?);
    }
    Ok(sections)
}

/// One command as a subsection.
fn section(command: &Command, full: &str) -> anyhow::Result<String> {
    let manual = clap_mangen::Man::new(command.clone().bin_name(full));
    let mut section = Vec::new();
    manual.render_synopsis_section(&mut section)?;
    manual.render_description_section(&mut section)?;
    manual.render_options_section(&mut section)?;
    manual.render_extra_section(&mut section)?;
    let text = String::from_utf8(section)?;
    let text =
        text.replacen(".SH SYNOPSIS", &format!(".SS {full}"), 1).replacen(".SH DESCRIPTION", ".PP", 1).replacen(".SH OPTIONS\n", "", 1);
    Ok(as_written(&text, ".SH EXTRA", ".PP"))
}

/// The page with another heading for its last section, whose lines and columns stay as they were written.
fn as_written(page: &str, heading: &str, other: &str) -> String {
    let Some((before, rest)) = page.split_once(heading) else { return page.to_owned() };
    let (lines, after) = rest.find("\n.SH").map_or((rest, ""), |end| rest.split_at(end));
    let lines = lines.trim_end();
    format!("{before}{other}\n.nf{lines}\n.fi{}", if after.is_empty() { "\n" } else { after })
}
