//! `gc`, and writers of blobs and collections that are killed.

use std::process::Stdio;
use std::time::Duration;

use anabranch::{BlobLayout, Database, OpenMode};
use insta::assert_snapshot;

use crate::support::{ALICE, Site};

/// A site with a picture that a commit refers to, and one that none does.
fn site_with_garbage() -> Site {
    let site = Site::with_people();
    site.write("alice.bin", "the picture of Alice");
    site.write("nobody.bin", "the picture of nobody");
    let id = site.run("blob put a.anb alice.bin").ok().stdout;
    let picture = format!(
        r#"{{"op":"update","attachment":"card","key":"{ALICE}","path":".picture","value":"{}"}}"#,
        id.trim()
    );
    site.commit("a.anb", "A picture", &picture);
    site.run("blob put a.anb nobody.bin").ok();
    site
}

#[test]
fn what_nobody_refers_to_goes_when_it_is_old_enough() {
    let site = site_with_garbage();
    assert_snapshot!(site.run("gc a.anb"), @"
    nothing to remove  0 ms
    [0]
    ");
    assert_snapshot!(site.run("gc a.anb --dry-run --grace 0s"), @"
    would remove 1 blob (21 B), 1 chunk (21 B)  0 ms
    [0]
    ");
    assert_snapshot!(site.run("gc a.anb --dry-run --grace 0s --json"), @r#"
    {"dry_run":true,"blobs":1,"blob_bytes":21,"chunks":1,"chunk_bytes":21,"checkpoints":0,"returned_bytes":0}
    [0]
    "#);
    assert_snapshot!(site.run("blob ls a.anb"), @"
    AAAAAAAAAAAA  uchar-1  20 B  just now
    BBBBBBBBBBBB  uchar-1  21 B  just now
    [0]
    ");
    assert_snapshot!(site.run("gc a.anb --grace 0s"), @"
    removed 1 blob (21 B), 1 chunk (21 B)  0 ms
    [0]
    ");
    assert_snapshot!(site.run("blob ls a.anb"), @"
    AAAAAAAAAAAA  uchar-1  20 B  just now
    [0]
    ");
    assert_snapshot!(site.run("gc a.anb --grace 0s --json"), @r#"
    {"dry_run":false,"blobs":0,"blob_bytes":0,"chunks":0,"chunk_bytes":0,"checkpoints":0,"returned_bytes":0}
    [0]
    "#);
    assert_snapshot!(site.run("verify a.anb"), @"
    ok: 13 definitions, 2 commits (522 B), 1 blob (20 B)
    [0]
    ");
    assert_snapshot!(site.run("gc a.anb --grace soon"), @"
    2> error: invalid value `soon` for `--grace <DURATION>`: a number and one of s, m, h and d is wanted, such as 90s or 24h
    [2]
    ");
    assert_snapshot!(site.run("gc a.anb --grace 99999999999999999999d"), @"
    2> error: invalid value `99999999999999999999d` for `--grace <DURATION>`: a number and one of s, m, h and d is wanted, such as 90s or 24h
    [2]
    ");
}

#[test]
fn a_collection_that_is_killed_leaves_a_whole_database_and_less_garbage() {
    let site = site_with_garbage();
    let open = || Database::open(site.path("a.anb"), OpenMode::ReadWrite).unwrap();
    let picture = open().blob_ids().unwrap().into_iter().max_by_key(|id| *id).unwrap();
    let before = open().read_blob(picture).unwrap();
    let mut last = 0;
    for round in 0..6_u64 {
        let litter: Vec<Vec<u8>> =
            (0..300_u64).map(|i| (i + 300 * round).to_le_bytes().repeat(200)).collect();
        open().create_blobs(litter.iter().map(|bytes| (BlobLayout::BYTES, bytes))).unwrap();
        open().create_blob(BlobLayout::BYTES, &vec![round as u8; 3 << 20]).unwrap();
        let mut child =
            site.command("gc a.anb --grace 0s").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(2000 + round * round * 1500));
        child.kill().unwrap();
        child.wait().unwrap();
        let ran = site.run("verify a.anb").ok();
        assert!(ran.stdout.starts_with("ok: "), "{ran}");
        last = open().statistics().unwrap().blobs;
        assert!((1..=302 * 6).contains(&last));
    }
    site.run("gc a.anb --grace 0s").ok();
    let statistics = open().statistics().unwrap();
    assert_eq!((statistics.blobs, statistics.chunks), (1, 1), "there were {last} left");
    assert_ne!(before.len(), 0);
    let ran = site.run("verify a.anb").ok();
    assert!(ran.stdout.starts_with("ok: "), "{ran}");
}

/// Streams that are killed leave chunks, never blobs that lack some; what was acknowledged reads back; the next attempt
/// finds what the last one stored.
#[test]
fn a_writer_of_blobs_that_is_killed_leaves_whole_blobs_only() {
    let site = site_with_garbage();
    let open = || Database::open(site.path("a.anb"), OpenMode::ReadWrite).unwrap();
    // Content without a pattern, so that every chunk is new.
    let mut state = 1_u64;
    let mut bytes = vec![0; 36 << 20];
    for eight in bytes.chunks_exact_mut(8) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        eight.copy_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    site.write("large.bin", &bytes);
    let mut partly = 0;
    for round in 0..6_u64 {
        let mut child = site
            .command("blob put a.anb large.bin")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(20 + round * 60));
        child.kill().unwrap();
        child.wait().unwrap();
        let ran = site.run("verify a.anb").ok();
        assert!(ran.stdout.starts_with("ok: "), "{ran}");
        let statistics = open().statistics().unwrap();
        partly += u64::from(statistics.blobs == 2 && statistics.chunks > 2);
        for id in open().blob_ids().unwrap() {
            open().read_blob(id).unwrap();
        }
        // A collection leaves to the next attempt what this one stored.
        site.run("gc a.anb").ok();
        assert_eq!(open().statistics().unwrap().chunks, statistics.chunks);
    }
    assert!(partly > 0, "some of the kills came in the middle");
    let id = site.run("blob put a.anb large.bin").ok().stdout;
    assert!(open().read_blob(id.trim().parse().unwrap()).unwrap() == bytes);
    assert_eq!(open().statistics().unwrap().blobs, 3);
}
