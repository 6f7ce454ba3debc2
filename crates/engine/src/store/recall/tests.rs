use anabranch_model::CommitId;
use proptest::prelude::*;

use crate::database::Database;
use crate::mutable::MutableState;
use crate::store::{Store, UndoStack};

/// A store that knows nothing but what the database tells.
fn newcomer(database: &Database, author: &str) -> Store {
    let store = Store::new();
    store.use_database(database.clone().with_author(author)).unwrap();
    store.recall_undo_redo().unwrap();
    store
}

fn stack(store: &Store) -> UndoStack {
    store.undo_stack_ids()
}

/// A commit without content; parents that differ make it another each time.
fn change(database: &Database, author: &str, label: &str) -> CommitId {
    let database = database.clone().with_author(author);
    let last = database.last_commit_id().unwrap().unwrap_or(CommitId::ZERO);
    let nothing = MutableState::new(database.state(last).unwrap());
    database.commit_mutations(label, &nothing).unwrap()
}

proptest! {
    /// A shell, which starts anew for each command, undoes and redoes what a store that stays does.
    #[test]
    fn what_is_recalled_is_what_a_store_that_stays_remembers(
        steps in proptest::collection::vec(0..4_u8, 0..24),
    ) {
        let database = Database::create_in_memory(&Default::default()).unwrap();
        let stays = Store::new();
        stays.use_database(database.clone().with_author("ann")).unwrap();
        for step in steps {
            match step {
                0 => {
                    stays.dispatch("change", |_| Ok::<_, crate::Error>(())).unwrap();
                }
                1 => {
                    stays.undo().unwrap();
                }
                2 => {
                    stays.redo().unwrap();
                }
                _ => {
                    change(&database, "ben", "of another");
                    stays.forward().unwrap();
                }
            }
            let comes = newcomer(&database, "ann");
            prop_assert_eq!(stack(&comes), stack(&stays));
            prop_assert_eq!(comes.can_undo(), stays.can_undo());
            prop_assert_eq!(comes.can_redo(), stays.can_redo());
        }
    }
}

#[test]
fn each_author_undoes_their_own() {
    let database = Database::create_in_memory(&Default::default()).unwrap();
    let first = change(&database, "ann", "of ann");
    let second = change(&database, "ben", "of ben");
    assert_eq!(stack(&newcomer(&database, "ann")).commits, [first]);
    assert_eq!(stack(&newcomer(&database, "ben")).commits, [second]);
    assert_eq!(stack(&newcomer(&database, "eve")).commits, []);
    let undo = newcomer(&database, "ann").undo().unwrap().unwrap();
    assert_eq!(database.commit_header(undo).unwrap().target, first);
    assert_eq!(stack(&newcomer(&database, "ben")), UndoStack { commits: vec![second], applied: 1 });
}

#[test]
fn a_disable_of_something_else_is_a_change_like_any_other() {
    let database = Database::create_in_memory(&Default::default()).unwrap().with_author("ann");
    let first = change(&database, "ann", "first");
    let second = change(&database, "ann", "second");
    let disable = database.disable_commit("without the first", second, first).unwrap();
    assert_eq!(stack(&newcomer(&database, "ann")).commits, [second, disable]);
    let undo = newcomer(&database, "ann").undo().unwrap().unwrap();
    assert_eq!(database.commit_header(undo).unwrap().target, disable);
    assert!(database.enabled_by_commit(undo).unwrap()[&first]);
}

#[test]
fn what_others_have_hidden_is_left_out() {
    let database = Database::create_in_memory(&Default::default()).unwrap().with_author("ann");
    let first = change(&database, "ann", "first");
    let second = change(&database, "ann", "second");
    database.clone().with_author("ben").disable_commit("not this", second, second).unwrap();
    assert_eq!(stack(&newcomer(&database, "ann")), UndoStack { commits: vec![first], applied: 1 });
}

#[test]
fn what_was_undone_long_ago_leads_to_what_came_before() {
    let database = Database::create_in_memory(&Default::default()).unwrap();
    let stays = Store::new();
    stays.use_database(database.clone().with_author("ann")).unwrap();
    let first = stays.dispatch("first", |_| Ok::<_, crate::Error>(())).unwrap();
    // More than are looked at first, and nothing left of them.
    for _ in 0..super::RECENT {
        stays.dispatch("change", |_| Ok::<_, crate::Error>(())).unwrap();
    }
    for _ in 0..super::RECENT {
        stays.undo().unwrap();
    }
    let comes = newcomer(&database, "ann");
    assert_eq!(stack(&comes), stack(&stays));
    assert_eq!(stack(&comes).commits[0], first);
    assert!(comes.can_undo());
}

#[test]
fn a_database_without_commits_has_nothing_to_undo() {
    let database = Database::create_in_memory(&Default::default()).unwrap();
    let store = newcomer(&database, "ann");
    assert!(!store.can_undo() && !store.can_redo());
    assert_eq!(store.undo().unwrap(), None);
}
