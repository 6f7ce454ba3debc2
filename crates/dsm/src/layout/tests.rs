use super::format;
use proptest::prelude::*;

fn laid_out(text: &str) -> String {
    let once = format(text).unwrap();
    assert_eq!(format(&once).unwrap(), once, "laying out again changes the text");
    once
}

#[test]
fn everything_gets_its_place() {
    let text = r#"
// The studio.


namespace  Studio{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}{
"""An asset."""  concept Asset ;concept Texture is   a Asset; // pixels
club Pickable;membership Pickable Asset;
enum Unit{metre,inch};
enum Stage{draft, """Waiting."""
review
// no more
};
// What an asset is.
struct Size{int32 width=10;vec< float,3 >  scale={1,2,
3};  // metres


"""Which unit."""
Unit unit=.metre;};
struct Nothing{};
attachment<Asset,map<string , Studio :: Size>>sizes;
};
"""Tools."""attachment_function_pool Tools{dc9740c9-9d1d-4c1e-9caa-4c8843b91e82}{mutable void clear (key<Asset> asset,
int32 count);"""Two."""int32 two();};"#;
    let expected = r#"// The studio.

namespace Studio {7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} {
    """An asset."""
    concept Asset;
    concept Texture is a Asset; // pixels
    club Pickable;
    membership Pickable Asset;
    enum Unit { metre, inch };

    enum Stage {
        draft,
        """Waiting."""
        review
        // no more
    };

    // What an asset is.
    struct Size {
        int32 width = 10;
        vec<float, 3> scale = {1, 2,
            3}; // metres

        """Which unit."""
        Unit unit = .metre;
    };

    struct Nothing {};
    attachment<Asset, map<string, Studio::Size>> sizes;
};

"""Tools."""
attachment_function_pool Tools {dc9740c9-9d1d-4c1e-9caa-4c8843b91e82} {
    mutable void clear(key<Asset> asset,
        int32 count);

    """Two."""
    int32 two();
};
"#;
    assert_eq!(laid_out(text), expected);
}

#[test]
fn comments_stay_wherever_they_stand() {
    let text = "// a\nnamespace /// b\nN // c\n{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} // d\n{ // e\nstruct // f\nS { // g\nint32 // h\nx // i\n= // j\n1 // k\n; // l\n} // m\n; // n\nenum E { a // o\n, // p\nb } ; } // q\n; // r";
    let text = laid_out(text);
    for letter in 'a'..='r' {
        assert!(text.contains(&format!("// {letter}\n")), "{letter} is lost in\n{text}");
    }
}

#[test]
fn a_long_enumeration_is_broken_into_lines() {
    let cases: Vec<String> = (0..40).map(|case| format!("case{case}")).collect();
    let text = format!(
        "namespace N {{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}} {{ enum E {{ {} }}; }};",
        cases.join(", ")
    );
    assert_eq!(laid_out(&text).lines().count(), 44);
}

#[test]
fn empty_texts_stay_empty() {
    assert_eq!(laid_out(""), "");
    assert_eq!(laid_out("\n \n"), "");
    assert_eq!(laid_out("\u{feff}// only a remark  "), "// only a remark\n");
}

#[test]
fn windows_line_ends_become_plain_ones() {
    let text = "namespace N {7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10} {\r\n\"\"\"a\r\nb\"\"\"\r\nconcept A; // c\r\n};\r\n";
    assert!(!laid_out(text).contains('\r'));
}

#[test]
fn a_text_that_cannot_be_read_is_left_alone() {
    let diagnostics = format("concept A").unwrap_err();
    assert_eq!(diagnostics.len(), 2);
}

/// Tokens of a small model, to be joined by any white space and comments.
const TOKENS: &[&str] = &[
    "namespace",
    "N",
    "{7e6ec2a1-0c1b-4d6a-9a53-2f4f7c9d3a10}",
    "{",
    "\"\"\"doc\"\"\"",
    "concept",
    "A",
    ";",
    "concept",
    "B",
    "is",
    "a",
    "A",
    ";",
    "enum",
    "E",
    "{",
    "x",
    ",",
    "\"\"\"case\"\"\"",
    "y",
    "}",
    ";",
    "enum",
    "F",
    "{",
    "x",
    "}",
    ";",
    "struct",
    "S",
    "{",
    "vec",
    "<",
    "float",
    ",",
    "2",
    ">",
    "v",
    "=",
    "{",
    "1",
    ",",
    "2",
    "}",
    ";",
    "\"\"\"field\"\"\"",
    "E",
    "e",
    "=",
    ".x",
    ";",
    "}",
    ";",
    "struct",
    "T",
    "{",
    "}",
    ";",
    "attachment",
    "<",
    "N",
    "::",
    "A",
    ",",
    "S",
    ">",
    "s",
    ";",
    "}",
    ";",
    "function_pool",
    "P",
    "{dc9740c9-9d1d-4c1e-9caa-4c8843b91e82}",
    "{",
    "void",
    "f",
    "(",
    "key",
    "<",
    "A",
    ">",
    "k",
    ",",
    "S",
    "s",
    ")",
    ";",
    "}",
    ";",
];

proptest! {
    #[test]
    fn layout_is_settled_after_once_and_keeps_every_token(gaps in prop::collection::vec(0_usize..12, TOKENS.len() + 1)) {
        let mut text = String::new();
        for (index, gap) in gaps.iter().enumerate() {
            text.push_str([" ", " ", " ", " ", " ", " ", "\n", "\n\n", "\n\n\n", " // c\n", "\n// c\n", "\n\n// c\n\n// d\n"][*gap]);
            text.push_str(TOKENS.get(index).copied().unwrap_or_default());
        }
        let once = format(&text).unwrap();
        prop_assert_eq!(&format(&once).unwrap(), &once);
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeeze(&once), squeeze(&text));
        prop_assert!(once.lines().all(|line| line == line.trim_end()));
        prop_assert!(!once.contains("\n\n\n"));
    }
}
