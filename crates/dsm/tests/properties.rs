//! Whatever is read: no text makes the reader panic, and whatever is written reads back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod generator;

use anabranch_dsm::{Sources, json};
use proptest::prelude::*;

const EVERYTHING: &str = include_str!("good/everything.dsm");

/// Reads a text, renders all that is said of it, and checks that it is a model exactly when nothing is wrong.
fn read(text: &str) {
    let sources = Sources::single("any.dsm", text);
    let report = anabranch_dsm::parse(&sources);
    for diagnostic in &report.diagnostics {
        let location = diagnostic.location(&sources);
        let rendered = diagnostic.render(&sources, true);
        assert!(rendered.contains(&location.to_string()), "{rendered}");
        for span in diagnostic.labels.iter().map(|label| label.span).chain([diagnostic.span]) {
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} is cut wrongly");
        }
    }
    let has_errors = report.diagnostics.iter().any(|it| it.severity == anabranch_dsm::Severity::Error);
    assert_eq!(report.model.is_none(), has_errors);
    if let Some(model) = report.model {
        let printed = anabranch_dsm::print(&model);
        assert_eq!(anabranch_dsm::parse(&Sources::single("printed.dsm", printed)).model, Some(model));
    }
    if let Ok(laid_out) = anabranch_dsm::format(text) {
        assert_eq!(anabranch_dsm::format(&laid_out).as_ref(), Ok(&laid_out));
    }
}

/// Every kind of token, whole and broken, and what mistakes are made of.
const TOKENS: &[&str] = &[
    "namespace",
    "concept",
    "club",
    "membership",
    "enum",
    "struct",
    "attachment",
    "function_pool",
    "attachment_function_pool",
    "mutable",
    "is",
    "a",
    "key",
    "vec",
    "mat",
    "optional",
    "vector",
    "set",
    "xarray",
    "map",
    "tuple",
    "variant",
    "void",
    "bool",
    "int32",
    "uint8",
    "float",
    "double",
    "string",
    "uuid",
    "any",
    "any_concept",
    "blob",
    "A",
    "B",
    "S",
    "E",
    "N",
    "x",
    "y",
    "::",
    ":",
    "<",
    ">",
    "(",
    ")",
    "{",
    "}",
    "};",
    ";",
    ",",
    "=",
    "[",
    "]",
    "{1, 2}",
    "{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}",
    "{dc9740c9-9d1d-4c1e-9caa-4c8843b91e82}",
    "{7e6e-0-1}",
    "1",
    "-3",
    "300",
    "0.5",
    "1e400",
    "01",
    "+1",
    "-",
    ".x",
    ".",
    "\"text\"",
    "\"open",
    "'single'",
    "\"\"\"doc\"\"\"",
    "\"\"\"",
    "\\",
    "true",
    "false",
    "null",
    "// remark\n",
    "/* block */",
    "/*",
    "# hash\n",
    "\n",
    "\n\n",
    "é",
    "\u{a0}",
    "\u{202e}",
    "@",
    "_x",
    "3d",
    "\"\\ud83d\"",
    "\"\\q\"",
    "namespace N {7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} {",
    "concept A;",
    "struct S { int32 x; };",
    "enum E { x, y };",
    "struct S {",
    "enum E {",
    "attachment<A, S> s;",
    "S s = {1};",
    "E e = .x;",
    "class",
    "extends",
    "import",
];

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_printable_text_makes_the_reader_panic(text in "[ -~\n]{0,200}") {
        read(&text);
    }

    #[test]
    fn no_soup_of_tokens_makes_the_reader_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..60)) {
        read(&tokens.join(" "));
        read(&tokens.concat());
    }

    #[test]
    fn no_cut_of_a_good_model_makes_the_reader_panic(start in 0..EVERYTHING.len(), length in 0_usize..40, put in prop::sample::select(TOKENS)) {
        let end = (start + length).min(EVERYTHING.len());
        if let (Some(head), Some(tail)) = (EVERYTHING.get(..start), EVERYTHING.get(end..)) {
            read(&format!("{head}{put}{tail}"));
            read(head);
        }
    }

    #[test]
    fn printed_definitions_read_as_the_same(tape in prop::collection::vec(any::<u8>(), 0..600)) {
        let definitions = generator::definitions(&tape);
        let printed = anabranch_dsm::print(&definitions);
        let sources = Sources::single("printed.dsm", printed.as_str());
        let report = anabranch_dsm::parse(&sources);
        let said: String = report.diagnostics.iter().map(|it| it.render(&sources, false)).collect();
        prop_assert_eq!(said, "");
        let again = report.model.unwrap();
        prop_assert_eq!(json::encode(&again), json::encode(&definitions));
        prop_assert_eq!(anabranch_dsm::print(&again), printed.as_str());
        prop_assert_eq!(anabranch_dsm::format(&printed).unwrap(), printed);
    }

    #[test]
    fn definitions_read_back_from_json(tape in prop::collection::vec(any::<u8>(), 0..600)) {
        let definitions = generator::definitions(&tape);
        let document = json::encode(&definitions);
        let again = json::decode_str(&document.to_string()).unwrap();
        prop_assert_eq!(&again, &definitions);
        prop_assert_eq!(json::encode(&again), document);
    }

    #[test]
    fn no_changed_document_makes_the_decoder_panic(tape in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..4000, with in 0_usize..9) {
        let mut text = json::encode(&generator::definitions(&tape)).to_string();
        let replacement = ["", "null", "[]", "{}", "\"\"", "0", "\"name\"", ",", "\"class_name\":\"key\""][with];
        // A whole string, number or bracket is replaced, so that the result often still is JSON.
        let at = at % text.len();
        if let Some(start) = text.get(at..).and_then(|tail| tail.find('"')).map(|quote| at + quote) {
            let length = text[start + 1..].find('"').map_or(0, |quote| quote + 2);
            text.replace_range(start..start + length, replacement);
        }
        if let Err(error) = json::decode_str(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

/// Texts that a reader with a quadratic habit, or one that recurses freely, would not come back from.
#[test]
fn hostile_texts_are_refused_without_delay() {
    const MANY: usize = 5_000;
    let inside = |text: &str| format!("namespace N {{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}} {{\n{text}\n}};");
    let each = |line: &dyn Fn(usize) -> String| (0..MANY).map(line).collect::<String>();
    let texts = [
        "{".repeat(MANY),
        "}".repeat(MANY),
        "<".repeat(MANY),
        "\"\"\" ".repeat(MANY),
        "\"".repeat(MANY),
        "\\".repeat(MANY),
        "/*".repeat(MANY),
        "@ ".repeat(MANY),
        "- ".repeat(MANY),
        "[ ".repeat(MANY),
        "struct ".repeat(MANY),
        "namespace N {7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} { ".repeat(MANY / 10),
        inside(&format!("struct S {{ {} x; }};", "vector<".repeat(MANY))),
        inside(&format!("struct S {{ int32 x = {} }};", "{".repeat(MANY))),
        inside(&each(&|n| format!("struct S{n} {{ S{} x; }};", n + 1))),
        inside(&each(&|n| format!("struct S{n} {{ S{} x; }};", (n + 1) % MANY))),
        inside(&each(&|n| format!("concept C{n} is a C{};", (n + 1) % MANY))),
        inside(&each(&|n| format!("concept C{};", n % 2))),
        inside(&each(&|n| format!("concept Concept{n} is a Cncept{n};"))),
        inside(&each(&|n| format!("struct S{n} {{ S{n}x y; }};"))),
        inside(&each(&|n| format!("membership K C{n}; "))),
        inside(&format!("enum E {{ {} x }};", each(&|n| format!("c{n}, ")))),
        inside(&format!("struct S {{ variant<{} string> x; }};", each(&|n| format!("vec<int8, {n}>, ")))),
        inside(&format!("struct S {{ set<int64> x = {{ {} 0 }}; }};", each(&|n| format!("{n}, ")))),
        inside(&each(&|n| format!("struct S{n} {{ vec<int8, 4096> a; vec<int8, 4096> b; }};"))),
        each(&|n| {
            format!(
                "namespace N{n} {{{n:08x}-0000-4000-8000-000000000000}} {{ concept X; struct Y {{ Z z; }}; }};\n"
            )
        }) + &format!(
            "function_pool P {{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}} {{ {} }};",
            each(&|n| format!("Y f{n}();"))
        ),
        each(&|n| format!("// comment {n}\n")) + "concept",
    ];
    for text in texts {
        read(&text);
    }
}
