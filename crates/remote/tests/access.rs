//! Who gets in, and what they may do; and what becomes of messages that nobody honest sends.

#![expect(clippy::unwrap_used, reason = "tests: a failure here is the finding")]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use anabranch_engine::{Database, MutableState};
use anabranch_model::CommitId;
use anabranch_remote::{ConnectOptions, Limits, Scope, ServeError, Server, ServerHandle, TokenFile, connect};
use anabranch_testkit::fixture::fixture;
use tonic::{Code, Request};

mod contract {
    #![allow(unreachable_pub, clippy::all, unused_qualifications, reason = "written by prost and tonic")]
    tonic::include_proto!("anabranch.v1");
}

use contract::anabranch_client::AnabranchClient;
use contract::change::Change;

fn database() -> Database {
    let database = Database::create_in_memory(&fixture().definitions).unwrap();
    let state = MutableState::new(database.initial_state().unwrap());
    database.commit_mutations("first", &state).unwrap();
    database
}

fn options(token: &str) -> ConnectOptions {
    ConnectOptions::with_token(token)
}

/// A server with tokens, and one of each scope.
fn guarded(folder: &Path) -> (ServerHandle, [String; 3]) {
    let path = folder.join("tokens");
    let mut file = TokenFile::open_or_new(&path).unwrap();
    let tokens = [Scope::Read, Scope::Write, Scope::Admin]
        .map(|scope| file.add(scope, &["one".to_owned()], "").unwrap());
    let server = Server::builder()
        .database("one", database())
        .database("two", database())
        .listen("127.0.0.1:0")
        .tokens(path)
        .start()
        .unwrap();
    (server, tokens)
}

fn refusal(url: &str, options: &ConnectOptions) -> String {
    connect(url, options).unwrap_err().to_string()
}

#[test]
fn what_other_machines_can_reach_takes_tls_and_tokens_or_a_word() {
    let folder = tempfile::tempdir().unwrap();
    TokenFile::open_or_new(folder.path().join("tokens")).unwrap().add(Scope::Read, &[], "").unwrap();
    let open = || Server::builder().database("db", database()).listen("0.0.0.0:0");
    assert!(matches!(open().start(), Err(ServeError::Insecure { .. })));
    let refused = open().tokens(folder.path().join("tokens")).start();
    assert!(matches!(refused, Err(ServeError::Insecure { .. })));
    assert!(open().insecure(true).start().is_ok());
}

#[cfg(unix)]
#[test]
fn a_socket_is_its_owners_alone_and_goes_with_the_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let server = Server::builder().database("db", database()).socket(&path).start().unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let second = Server::builder().database("db", database()).socket(&path).start();
    assert!(matches!(second, Err(ServeError::Listen { .. })));
    server.stop();
    assert!(!path.exists());
}

#[test]
fn a_token_opens_its_databases_as_far_as_its_scope() {
    let folder = tempfile::tempdir().unwrap();
    let (server, [read, write, admin]) = guarded(folder.path());
    let one = format!("{}/one", server.address());
    let none = ConnectOptions::default();
    assert!(refusal(&one, &none).contains("asks for a token"));
    assert!(refusal(&one, &options("anb_00000000_00")).contains("not one of this server's"));
    assert!(refusal(&format!("{}/two", server.address()), &options(&write)).contains("no database `two`"));
    // With one database to open, the name may be left out.
    let reader = connect(&server.address(), &options(&read)).unwrap();
    assert!(reader.is_read_only());
    let state = reader.initial_state().unwrap();
    assert!(reader.commit_mutations("no", &MutableState::new(state)).is_err());
    let writer = connect(&one, &options(&write)).unwrap();
    let last = writer.last_commit_id().unwrap().unwrap();
    let made = writer.commit_mutations("yes", &MutableState::new(writer.state(last).unwrap())).unwrap();
    assert_eq!(reader.last_commit_id().unwrap(), Some(made));
    assert!(writer.delete_commit(made, true).unwrap_err().to_string().contains("takes admin"));
    connect(&one, &options(&admin)).unwrap().delete_commit(made, true).unwrap();
    // What is revoked is refused, also on connections that are open.
    TokenFile::open(folder.path().join("tokens")).unwrap().revoke(&read[4..12]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(150));
    assert!(reader.head_commit_ids().unwrap_err().to_string().contains("was revoked"));
}

#[test]
fn metrics_are_plain_http_for_those_with_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let (server, [read, ..]) = guarded(folder.path());
    connect(&server.address(), &options(&read)).unwrap();
    let get = |header: &str| {
        let mut stream = TcpStream::connect(server.address().strip_prefix("http://").unwrap()).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: x\r\n{header}connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(get("").starts_with("HTTP/1.1 401"));
    let answer = get(&format!("authorization: Bearer {read}\r\n"));
    assert!(answer.contains("anabranch_calls_total{method=\"Describe\",code=\"ok\"} 1"), "{answer}");
}

#[test]
fn only_callers_with_a_certificate_get_in_where_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    support::certificates(folder.path());
    let [ca, leaf, key] = ["ca.pem", "leaf.pem", "key.pem"].map(|name| folder.path().join(name));
    let server = Server::builder()
        .database("db", database())
        .listen("127.0.0.1:0")
        .tls(&leaf, &key)
        .client_ca(&ca)
        .start()
        .unwrap();
    let url = server.address().replace("127.0.0.1", "localhost");
    let without = ConnectOptions { ca: Some(ca), ..ConnectOptions::default() };
    assert!(connect(&url, &without).is_err());
    let with = ConnectOptions { identity: Some((leaf, key)), ..without };
    assert!(connect(&url, &with).unwrap().last_commit_id().unwrap().is_some());
    // Who does not trust the authority does not talk with the server.
    assert!(connect(&url, &ConnectOptions { ca: None, ..with }).is_err());
}

type Raw = AnabranchClient<tonic::transport::Channel>;

/// Calls without the client that minds what it sends.
fn raw<T>(server: &ServerHandle, calls: impl AsyncFnOnce(Raw) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let endpoint = tonic::transport::Endpoint::from_shared(server.address()).unwrap();
        calls(AnabranchClient::new(endpoint.connect().await.unwrap())).await
    })
}

fn with_token<Q>(message: Q, token: &str) -> Request<Q> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

#[test]
fn a_token_to_read_writes_by_no_call() {
    let folder = tempfile::tempdir().unwrap();
    let (server, [read, ..]) = guarded(folder.path());
    let codes = raw(&server, async |mut client| {
        let changes = |change| tokio_stream::iter([contract::Change { change: Some(change) }]);
        let pushed = client.push(with_token(contract::Pack::default(), &read)).await;
        let mut codes = vec![pushed.unwrap_err().code()];
        for change in [
            Change::Synchronised(true),
            Change::Chunk(b"bytes".to_vec().into()),
            Change::Commits(contract::Pack::default()),
            Change::DeleteCommit(vec![0; 32].into()),
        ] {
            codes.push(client.transact(with_token(changes(change), &read)).await.unwrap_err().code());
        }
        codes
    });
    assert_eq!(codes, [Code::PermissionDenied; 5]);
}

#[test]
fn what_nobody_honest_sends_is_refused_and_the_server_goes_on() {
    let served = database();
    let limits = Limits { message_bytes: 1 << 20, unpacked_bytes: 1 << 20, ..Limits::default() };
    let server = Server::builder()
        .database("db", served.clone())
        .listen("127.0.0.1:0")
        .limits(limits)
        .start()
        .unwrap();
    let before = (served.data_version().unwrap(), served.statistics().unwrap());
    let pack = |content: Vec<u8>, uncompressed: u64, commits: u32| contract::Pack {
        expected: 0,
        commits,
        digest: blake3::hash(&content).as_bytes().to_vec().into(),
        content: content.into(),
        uncompressed,
    };
    let bomb = zstd::bulk::compress(&vec![0; 512 << 20], 19).unwrap();
    assert!(bomb.len() < 100_000);
    // A commit without its parent: canonical, and not to be had.
    let orphan = {
        use anabranch_model::codec::Writer;
        let mut writer = Writer::new();
        writer.array(1);
        writer.array(7);
        writer.uint(1);
        writer.bytes(&[1; 32]);
        writer.bytes(&[2; 32]);
        writer.text("");
        writer.null();
        writer.int(0);
        writer.array(1);
        writer.bytes(&[]);
        writer.into_bytes()
    };
    let packs = [
        pack(Vec::new(), 0, 0),
        pack(b"no pack".to_vec(), 0, 1),
        pack(orphan.clone(), 0, 1),
        pack(orphan.clone(), 0, 7),
        pack(orphan, 0, u32::MAX),
        pack(bomb.clone(), 512 << 20, 1),
        pack(bomb.clone(), 1 << 20, 1),
        pack(bomb, u64::MAX, 1),
        contract::Pack { digest: Vec::new().into(), ..pack(vec![0x80], 0, 0) },
    ];
    let blob = |size, chunks: Vec<u8>| contract::Blob {
        id: vec![3; 32].into(),
        layout: "uchar-1".to_owned(),
        content: vec![4; 32].into(),
        size,
        created: 0,
        chunks: chunks.into(),
    };
    let changes = [
        Change::Blob(blob(1 << 40, vec![5; 36])),
        Change::Blob(blob(0, vec![5; 35])),
        Change::Blob(contract::Blob { layout: "nonsense".to_owned(), ..blob(0, Vec::new()) }),
        Change::Blob(contract::Blob::default()),
        Change::Definition(contract::Definition { stored: vec![0xff; 9].into(), digest: Vec::new().into() }),
        Change::Definition(contract::Definition {
            stored: vec![0xff; 9].into(),
            digest: blake3::hash(&[0xff; 9]).as_bytes().to_vec().into(),
        }),
        Change::DeleteCommit(vec![1; 31].into()),
        Change::DeleteCommit(vec![1; 32].into()),
        Change::Chunk(vec![0; 2 << 20].into()),
    ];
    raw(&server, async |mut client| {
        for pack in packs {
            let refused = client.push(pack.clone()).await;
            assert!(refused.is_err(), "{pack:?}");
            let change = contract::Change { change: Some(Change::Commits(pack)) };
            assert!(client.transact(tokio_stream::iter([change])).await.is_err());
        }
        for change in changes {
            let change = contract::Change { change: Some(change) };
            assert!(client.transact(tokio_stream::iter([change.clone()])).await.is_err(), "{change:?}");
        }
        let huge = contract::CommitIdList { ids: vec![0; 2 << 20].into() };
        assert_eq!(client.knows(huge).await.unwrap_err().code(), Code::OutOfRange);
        let odd = contract::CommitIdList { ids: vec![0; 33].into() };
        assert_eq!(client.knows(odd).await.unwrap_err().code(), Code::InvalidArgument);
        let many = contract::CommitsRequest { limit: u32::MAX, before: u32::MAX, ..Default::default() };
        assert!(client.commits(many).await.is_err());
        let nothing = contract::FetchRequest { common: vec![7; 32].into() };
        assert_eq!(client.fetch(nothing).await.unwrap_err().code(), Code::NotFound);
        assert!(client.documents(contract::DocumentsRequest::default()).await.is_err());
        let digits = contract::PrefixRequest { digits: "xyz".to_owned(), limit: 1, last_arrival: 1 };
        assert!(client.prefix(digits).await.is_err());
    });
    // Bytes that are no HTTP at all.
    let mut stream = TcpStream::connect(server.address().strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(&[0xff; 4096]).unwrap();
    drop(stream);
    assert_eq!((served.data_version().unwrap(), served.statistics().unwrap()), before, "nothing was stored");
    let remote = connect(&server.address(), &ConnectOptions::default()).unwrap();
    let last = remote.last_commit_id().unwrap().unwrap();
    remote.commit_mutations("after all", &MutableState::new(remote.state(last).unwrap())).unwrap();
    assert!(remote.state(CommitId::of(b"none")).is_err());
    assert!(served.verify(&mut |_| {}).unwrap().is_sound());
}

#[test]
fn more_connections_than_may_be_are_closed_and_the_others_live() {
    let limits = Limits { connections: 4, ..Limits::default() };
    let server =
        Server::builder().database("db", database()).listen("127.0.0.1:0").limits(limits).start().unwrap();
    let first = connect(&server.address(), &ConnectOptions::default()).unwrap();
    let address = server.address().strip_prefix("http://").unwrap().to_owned();
    let idle: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(&address).unwrap()).collect();
    assert!(first.last_commit_id().unwrap().is_some());
    drop(idle);
}
