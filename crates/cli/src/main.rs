//! The `anabranch` command.
//!
//! `args` says what can be asked for, `commands` does it with the library, `names` finds what people name, `mutations` reads
//! what they want changed, `output` is all that is written, `error` turns what goes wrong into a line that helps, `interrupt`
//! hears Ctrl-C.

mod args;
mod commands;
mod error;
mod fresh;
mod graph;
mod interrupt;
mod mutations;
mod names;
mod output;

use std::process::ExitCode;

use output::Ui;

fn main() -> ExitCode {
    match args::parse(std::env::args_os()) {
        Ok(cli) => {
            let mut ui = Ui::new(&cli.output);
            interrupt::listen();
            let result = commands::run(&cli.command, &mut ui);
            ui.conclude(result)
        }
        Err(refusal) => Ui::default().conclude_refused(&refusal),
    }
}
