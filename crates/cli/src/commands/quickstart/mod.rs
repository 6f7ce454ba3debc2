//! `anabranch quickstart`: a guided tour that really runs.

mod files;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anabranch::remote::ServerHandle;
use clap::Args;

use super::Outcome;
use crate::error::CliError;
use crate::output::Ui;
use crate::output::number::duration;
use stage::Shown::{All, Lines};
use stage::Stage;

/// Take a tour that really runs: two sites work apart and meet again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  anabranch quickstart")]
pub(crate) struct Quickstart {
    /// The folder to work in, which must be new or empty
    #[arg(value_name = "DIR", default_value = "anabranch-quickstart")]
    folder: PathBuf,
}

impl Quickstart {
    pub(crate) fn run(&self, ui: &mut Ui) -> Result<Outcome, CliError> {
        let started = Instant::now();
        enter(&self.folder)?;
        files::write_all()?;
        let mut stage = Stage::new(ui);
        begin(&mut stage, &self.folder)?;
        declare(&mut stage)?;
        fill(&mut stage)?;
        let server = replicate(&mut stage)?;
        diverge(&mut stage)?;
        meet(&mut stage)?;
        reduce(&mut stage)?;
        look(&mut stage)?;
        stage.title("What next")?;
        server.stop();
        stage.say(&format!(
            "That took {}. Everything is still there, in {}:\n\n\
             \x20 anabranch log paris.anb --graph     the history, whenever you like\n\
             \x20 rm *.anb                            a fresh start, to repeat the commands yourself\n\
             \x20 anabranch commit --help             what a mutation can do\n\
             \x20 anabranch --help                    every command, each with an example\n\
             \x20 model/                              the model, to read, change and extend",
            duration(started.elapsed()),
            self.folder.display()
        ))?;
        Ok(Outcome::Done)
    }
}

/// Makes the folder the current one; it must be new or empty.
fn enter(folder: &Path) -> Result<(), CliError> {
    let shown = folder.display();
    let occupied = |what: &str| {
        CliError::new(format!("{shown} {what}"))
            .hint(format!("name a new folder: `anabranch quickstart {shown}-2`"))
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(occupied("is not empty"));
            }
        }
        Err(_) if folder.exists() => return Err(occupied("is not a folder")),
        Err(_) => fs::create_dir_all(folder).map_err(|error| CliError::file("create", folder, &error))?,
    }
    std::env::set_current_dir(folder).map_err(|error| CliError::file("enter", folder, &error))
}

fn begin(stage: &mut Stage<'_>, folder: &Path) -> Result<(), CliError> {
    stage.title("Anabranch: two sites work apart and meet again")?;
    stage.say(
        "A studio has two sites, Paris and Kyoto. Both take the same library of assets,\n\
         work apart for a while, and meet again. All of this really happens. Each command\n\
         is printed before it runs, so that you can repeat it in this folder:",
    )?;
    stage.command(&format!("cd {}", folder.display()))
}

fn declare(stage: &mut Stage<'_>) -> Result<(), CliError> {
    stage.title("1  A model and a database")?;
    stage.say(
        "What can be stored is declared first: concepts, structures, and which documents\n\
         attach to what. The studio's model is in three small files:",
    )?;
    stage.run("anabranch check model", All)?;
    stage.say("A database is one file, which holds its model too:")?;
    stage.run("anabranch init paris.anb --model model", All)?;
    Ok(())
}

fn fill(stage: &mut Stage<'_>) -> Result<(), CliError> {
    stage.title("2  Real data")?;
    stage.say(
        "Paris loads its library: people, assets, collections, scenes. Each line of these\n\
         files is a mutation, and all of them become one commit, whose id is printed.\n\
         (Material Design Icons, Apache-2.0; data/README.md says where all of it is from.)",
    )?;
    stage.run("anabranch commit paris.anb --author ana -m \"The library\" data/library/*", All)?;
    stage.say("Pictures are blobs: bytes of any size, named by what they are, as commits are.")?;
    let stored = stage.run("anabranch blob put paris.anb data/pictures/*", Lines(3))?;
    let stored: Vec<(String, String)> = stored
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(id, file)| (id.to_owned(), file.to_owned()))
        .collect();
    files::write("data/textures.jsonl", files::textures(&stored)?.as_bytes())?;
    stage.say("Documents refer to blobs by id. These make textures of the pictures:")?;
    stage.run(
        "anabranch commit paris.anb --author ana -m \"Pictures as textures\" data/textures.jsonl",
        All,
    )?;
    stage.run("anabranch ls paris.anb", All)?;
    Ok(())
}

fn replicate(stage: &mut Stage<'_>) -> Result<ServerHandle, CliError> {
    stage.title("3  A second site")?;
    stage.say(
        "Paris serves its database, here through a socket that only this user can open.\n\
         (In a shell of your own, `kill %1` ends the server.)",
    )?;
    let server = stage.serve("anabranch serve paris.anb --socket paris.sock &")?;
    stage.say("Kyoto makes a database of its own of all that Paris has, blobs included.")?;
    stage.run("anabranch clone unix:paris.sock kyoto.anb", All)?;
    Ok(server)
}

fn diverge(stage: &mut Stage<'_>) -> Result<(), CliError> {
    stage.title("4  Apart")?;
    stage.say(
        "Now the sites do not see each other, and both work on the same scene. Paris\n\
         gives it a title and dims the light:",
    )?;
    stage.file("edits/paris-light.jsonl", files::PARIS_LIGHT)?;
    stage.run("anabranch commit paris.anb --author ana -m \"Dusk\" edits/paris-light.jsonl", All)?;
    stage.say(
        "Kyoto gives it another title, sends it to review, adds somebody to the team, and\n\
         leaves a note in front of the first one:",
    )?;
    stage.file("edits/kyoto.jsonl", files::KYOTO)?;
    stage.run("anabranch commit kyoto.anb --author ben -m \"Storm\" edits/kyoto.jsonl", All)?;
    stage.say("Paris adds somebody to the team too, and a note in the very same place.")?;
    stage.run("anabranch commit paris.anb --author ana -m \"Notes\" edits/paris-notes.jsonl", All)?;
    Ok(())
}

fn meet(stage: &mut Stage<'_>) -> Result<(), CliError> {
    stage.title("5  Together again")?;
    stage.say(
        "Synchronising copies what the other lacks. Nothing is merged and nothing is lost:\n\
         both lines of history stand side by side, on both sites.",
    )?;
    stage.run("anabranch sync kyoto.anb unix:paris.sock", All)?;
    stage.run("anabranch log paris.anb --graph", All)?;
    stage.run("anabranch heads kyoto.anb", All)?;
    Ok(())
}

fn reduce(stage: &mut Stage<'_>) -> Result<(), CliError> {
    stage.title("6  One history")?;
    stage.say(
        "When it suits, the heads are folded into one. Each site does that by itself, and\n\
         both arrive at the very same commit:",
    )?;
    let paris = stage.run("anabranch reduce paris.anb", All)?;
    let kyoto = stage.run("anabranch reduce kyoto.anb", All)?;
    stage.run("anabranch log kyoto.anb --graph", All)?;
    stage.say("The fingerprints of two states are equal exactly when all their documents are:")?;
    let at_paris = stage.run("anabranch info paris.anb --fingerprint", All)?;
    let at_kyoto = stage.run("anabranch info kyoto.anb --fingerprint", All)?;
    if paris != kyoto || at_paris != at_kyoto {
        return Err(CliError::new(
            "the two sites did not arrive at the same state, which is a fault of this program",
        ));
    }
    stage.say("So there is nothing left to exchange.")?;
    stage.run("anabranch sync kyoto.anb unix:paris.sock", All)?;
    Ok(())
}

fn look(stage: &mut Stage<'_>) -> Result<(), CliError> {
    stage.title("7  What became of the edits")?;
    stage.say(
        "The light of Paris and the review of Kyoto are both there: edits of different\n\
         places of one document do not meet.",
    )?;
    let scene = stage.run("anabranch get kyoto.anb layout 97fb0c5e", Lines(9))?;
    let (winner, loser) =
        if scene.contains("Harbour at dusk") { ("Paris", "Kyoto") } else { ("Kyoto", "Paris") };
    stage.say(&format!(
        "Both wrote the title, and {winner}'s stands: the other heads are folded into the latest\n\
         one, so that what they wrote comes after what it has. {loser}'s is still in the history.\n\
         Both colleagues joined the team, both notes stand in front of the first one, and\n\
         both facts are in the map:"
    ))?;
    stage.run("anabranch get kyoto.anb layout 97fb0c5e .team", All)?;
    stage.run("anabranch get kyoto.anb notes 97fb0c5e", Lines(16))?;
    stage.run("anabranch get kyoto.anb metadata Texture:97768a37", All)?;
    stage.say("Every id, every reference and every byte can be checked at any time:")?;
    stage.run("anabranch verify paris.anb", All)?;
    stage.run("anabranch verify kyoto.anb", All)?;
    Ok(())
}
