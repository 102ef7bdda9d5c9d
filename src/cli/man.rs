//! `dosecase man`.

use clap::CommandFactory;

use super::exit::ExitStatus;
use super::report;

/// Prints the manual page: the program, then every command.
pub(super) fn run() -> anyhow::Result<ExitStatus> {
    let command = super::Cli::command();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let named = subcommand.clone().display_name(format!("dosecase-{}", subcommand.get_name()));
        let manual = clap_mangen::Man::new(named);
        manual.render_synopsis_section(&mut page)?;
        manual.render_description_section(&mut page)?;
        manual.render_options_section(&mut page)?;
        manual.render_extra_section(&mut page)?;
    }
    report::print(&String::from_utf8_lossy(&page))?;
    Ok(ExitStatus::Done)
}
