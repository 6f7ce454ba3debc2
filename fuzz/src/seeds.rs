//! Good inputs to start from: the sample model, and values of its documents.

use std::sync::Arc;

use anabranch_dsm::{Sources, parse};
use anabranch_model::{Definitions, Type, Value};
use anabranch_testkit::arbitrary::{self, Model};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

/// The texts of the sample model.
pub const STUDIO: [&str; 3] = [
    include_str!("../../examples/studio/model/library.dsm"),
    include_str!("../../examples/studio/model/people.dsm"),
    include_str!("../../examples/studio/model/scenes.dsm"),
];

/// The sample model.
pub fn studio() -> Definitions {
    let mut sources = Sources::new();
    for (index, text) in STUDIO.into_iter().enumerate() {
        sources.add(format!("{index}.dsm"), text);
    }
    parse(&sources).model.expect("the sample model is sound")
}

/// The parts of a model, as the strategies for values take them.
pub fn model(definitions: &Definitions) -> Model {
    Model {
        definitions: definitions.clone(),
        concepts: definitions.concepts().cloned().collect(),
        clubs: definitions.clubs().cloned().collect(),
        enumerations: definitions.enumerations().cloned().collect(),
        structures: definitions.structures().cloned().collect(),
    }
}

/// A structure of values of every kind, all that a decoder can meet.
pub const EVERYTHING: &str = "\
namespace Every {11111111-2222-4333-8444-555555555555} {
    concept A;
    concept B is a A;
    club C;
    membership C A;
    enum E { one, two, three };
    struct In { string name = \"x\"; int8 small = -3; };
    struct Doc {
        bool a; int8 b; int16 c; int32 d; int64 e; uint8 f; uint16 g; uint32 h; uint64 i; float j; double k;
        string l; uuid m; blob n; blob_id o; commit_id p; any q; E r; In s; vec<float, 3> t; mat<double, 2, 2> u;
        tuple<bool, string> v; optional<In> w; vector<int32> x; set<double> y; map<string, any> z;
        xarray<In> aa; variant<int32, string, In> bb; key<A> cc; key<C> dd; key<any_concept> ee;
        set<vector<uint8>> ff; map<E, set<uuid>> gg; xarray<xarray<float>> hh;
    };
    attachment<A, Doc> doc;
};
";

/// The model of [`EVERYTHING`].
pub fn everything() -> Definitions {
    parse(&Sources::single("every.dsm", EVERYTHING)).model.expect("a sound model")
}

/// The type of the documents of [`EVERYTHING`].
pub fn document_type(definitions: &Definitions) -> Type {
    let structure = definitions.structures().find(|it| &*it.name().name == "Doc").expect("Doc is declared");
    Type::Structure(Arc::clone(structure))
}

/// Values of a type, the same in every run.
pub fn values(definitions: &Definitions, ty: &Type, count: usize) -> Vec<Value> {
    samples(&arbitrary::values(ty, &model(definitions)), count)
}

/// What a strategy gives, the same in every run.
pub fn samples<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let random =
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("nothing is rejected").current()).collect()
}
