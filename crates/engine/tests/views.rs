//! Arrays and packs hold what was put into them, in the bytes that the documentation says, and refuse everything else.

#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop them")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use anabranch_engine::{
    BlobArray, BlobElement, BlobLayout, BlobPack, BlobPackDescriptor, BlobPackError, BlobView, BlobViewError,
    Database, ElementType, Error,
};
use anabranch_model::Definitions;
use proptest::prelude::*;

fn memory() -> Database {
    Database::create_in_memory(&Definitions::default()).unwrap()
}

fn layout(text: &str) -> BlobLayout {
    text.parse().unwrap()
}

/// Numbers in an array are those that were put there, through each way in and each way out.
fn check_numbers<T: BlobElement>(numbers: &[T], components: u8, stored: impl Fn(T) -> Vec<u8>) {
    let components = usize::from(components);
    let numbers = &numbers[..numbers.len() / components * components];
    let array = BlobArray::from_numbers(components as u8, numbers).unwrap();
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| stored(*number)).collect();
    assert_eq!(array.bytes(), bytes, "little-endian, one after the other");
    assert_eq!(array.count(), numbers.len() / components);
    assert_eq!(array.layout().element(), T::TYPE);
    assert_eq!(BlobArray::from_bytes(array.layout(), &bytes).unwrap(), array);

    let view = array.view();
    let seen = view.numbers::<T>().unwrap();
    assert!(matches!(seen, Cow::Borrowed(_)) || cfg!(target_endian = "big"), "no copy is made");
    let bits = |numbers: &[T]| -> Vec<u8> { numbers.iter().flat_map(|number| stored(*number)).collect() };
    assert_eq!(bits(&seen), bytes);
    // Bytes that stand anywhere in memory read alike.
    let mut shifted = vec![0];
    shifted.extend_from_slice(&bytes);
    let other = BlobView::new(array.layout(), &shifted[1..]).unwrap();
    assert_eq!(bits(&other.numbers::<T>().unwrap()), bytes);

    let mut copy = BlobArray::zeros(array.layout(), array.count()).unwrap();
    for (place, number) in numbers.iter().enumerate() {
        let (index, component) = (place / components, place % components);
        assert_eq!(stored(view.get::<T>(index, component).unwrap()), stored(*number));
        assert_eq!(stored(other.get::<T>(index, component).unwrap()), stored(*number));
        copy.set(index, component, *number).unwrap();
    }
    assert_eq!(copy, array);
    let middle = array.count() / 2;
    let mut halves = BlobArray::zeros(array.layout(), array.count()).unwrap();
    halves.set_range(middle, &numbers[middle * components..]).unwrap();
    halves.set_range(0, &numbers[..middle * components]).unwrap();
    assert_eq!(halves, array);
    assert_eq!(
        view.range(middle..array.count()).unwrap().bytes(),
        &bytes[middle * components * size_of::<T>()..]
    );
    if components == 3 {
        let elements: Vec<T> = view.elements::<T, 3>().unwrap().flatten().collect();
        assert_eq!(bits(&elements), bytes);
    }

    let database = memory();
    let id = database.create_blob_array(&array).unwrap();
    assert_eq!(database.read_blob_array(id).unwrap(), array);
    let part = database.read_blob_elements(id, middle as u64..array.count() as u64).unwrap();
    assert_eq!(part.bytes(), view.range(middle..array.count()).unwrap().bytes());
    assert!(database.read_blob_elements(id, 0..array.count() as u64 + 1).is_err());
}

macro_rules! every_type {
    ($($name:ident: $number:ty, $any:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $name(numbers in prop::collection::vec($any, 0..50), components in prop_oneof![1..5_u8, Just(16)]) {
                    check_numbers::<$number>(&numbers, components, |number| number.to_le_bytes().to_vec());
                }
            )*
        }
    };
}

every_type! {
    arrays_of_uchar_hold_what_was_put_into_them: u8, any::<u8>();
    arrays_of_char_hold_what_was_put_into_them: i8, any::<i8>();
    arrays_of_ushort_hold_what_was_put_into_them: u16, any::<u16>();
    arrays_of_short_hold_what_was_put_into_them: i16, any::<i16>();
    arrays_of_uint_hold_what_was_put_into_them: u32, any::<u32>();
    arrays_of_int_hold_what_was_put_into_them: i32, any::<i32>();
    arrays_of_ulong_hold_what_was_put_into_them: u64, any::<u64>();
    arrays_of_long_hold_what_was_put_into_them: i64, any::<i64>();
    arrays_of_float_hold_what_was_put_into_them: f32, any::<u32>().prop_map(f32::from_bits);
    arrays_of_double_hold_what_was_put_into_them: f64, any::<u64>().prop_map(f64::from_bits);
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    let mut array = BlobArray::from_numbers(3, &[1.0_f32, 2.0, 3.0]).unwrap();
    let said = |result: Result<(), BlobViewError>| result.unwrap_err().to_string();
    assert_eq!(said(array.view().get::<f32>(1, 0).map(drop)), "there is no element 1; there are 1");
    assert_eq!(
        said(array.view().get::<f32>(usize::MAX, 0).map(drop)),
        format!("there is no element {}; there are 1", usize::MAX)
    );
    assert_eq!(said(array.view().get::<f32>(0, 3).map(drop)), "there is no component 3 of float-3");
    let other = "the elements are float-3, not made of double; ask for float";
    assert_eq!(said(array.view().get::<f64>(0, 0).map(drop)), other);
    assert_eq!(said(array.set(0, 0, 1.0_f64)), other);
    assert_eq!(said(array.view().numbers::<f64>().map(drop)), other);
    assert_eq!(
        said(array.view().element::<f32, 2>(0).map(drop)),
        "an element of float-3 has 3 components, not 2"
    );
    assert_eq!(said(array.set_range(0, &[1.0_f32, 2.0])), "3 numbers are wanted, 2 were given");
    assert_eq!(said(array.set_range(1, &[1.0_f32, 2.0, 3.0])), "there is no element 2; there are 1");
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    let reversed = array.view().range(1..0).map(drop);
    assert_eq!(said(reversed), "there is no element 1; there are 1");
    assert_eq!(
        said(BlobView::new(layout("uint-3"), &[0; 13]).map(drop)),
        "13 bytes are not a whole number of uint-3 elements"
    );
    assert_eq!(
        said(BlobArray::from_numbers(3, &[1_u8, 2]).map(drop)),
        "2 bytes are not a whole number of uchar-3 elements"
    );
    assert!(BlobArray::from_numbers::<u8>(0, &[]).is_err());
    assert!(matches!(
        BlobArray::zeros(layout("double-255"), usize::MAX),
        Err(BlobViewError::TooLarge { .. })
    ));
}

fn region() -> impl Strategy<Value = (String, BlobLayout, u64)> {
    let layout = (prop::sample::select(ElementType::ALL.to_vec()), 1..=255_u8)
        .prop_map(|(element, components)| BlobLayout::new(element, components).unwrap());
    ("[a-zé/ ]{1,12}", layout, 0..40_u64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_pack_holds_each_region_where_its_descriptor_says(
        regions in prop::collection::vec(region(), 0..8),
        seed: u8,
    ) {
        let regions: BTreeMap<String, (BlobLayout, u64)> =
            regions.into_iter().map(|(name, layout, count)| (name, (layout, count))).collect();
        let listed = || regions.iter().rev().map(|(name, (layout, count))| (name.as_str(), *layout, *count));
        let descriptor = BlobPackDescriptor::new(listed()).unwrap();
        let mut pack = BlobPack::new(descriptor.clone()).unwrap();
        for (place, region) in descriptor.regions().iter().enumerate() {
            assert_eq!(region.offset() % 64, 0);
            // Regions of plain bytes are filled; others are through their own type, below.
            if region.layout().element() == ElementType::UChar {
                let bytes = vec![seed.wrapping_add(place as u8); region.size() as usize];
                pack.set(region.name(), &bytes).unwrap();
            }
            if region.layout().element() == ElementType::Double {
                let numbers = vec![f64::from(seed) + 0.5; (region.size() / 8) as usize];
                pack.set(region.name(), &numbers).unwrap();
                assert_eq!(pack.region(region.name()).unwrap().numbers::<f64>().unwrap(), numbers);
            }
        }
        assert_eq!(pack.bytes().len() as u64, descriptor.size());
        assert!(pack.bytes().starts_with(&descriptor.encode()));
        assert_eq!(BlobPack::from_bytes(pack.bytes()).unwrap(), pack);
        assert_eq!(BlobPackDescriptor::decode(pack.bytes()).unwrap(), descriptor);

        let database = memory();
        let id = database.create_blob_pack(&pack).unwrap();
        assert_eq!(database.read_blob_pack(id).unwrap(), pack);
        let mut stored = database.open_blob_pack(id).unwrap();
        assert_eq!(stored.descriptor(), &descriptor);
        for region in descriptor.regions() {
            let read = stored.read(region.name()).unwrap();
            assert_eq!(read.layout(), region.layout());
            assert_eq!(read.bytes(), pack.region(region.name()).unwrap().bytes());
            let bytes = &pack.bytes()[region.offset() as usize..][..region.size() as usize];
            assert_eq!(read.bytes(), bytes);
            let half = region.count() / 2;
            let part = stored.read_range(region.name(), half..region.count()).unwrap();
            assert_eq!(part.bytes(), &bytes[(half * region.layout().stride()) as usize..]);
        }
    }

    #[test]
    fn a_pack_with_any_byte_changed_or_cut_is_another_or_none(
        place: prop::sample::Index,
        bit in 0..8_u8,
    ) {
        let descriptor =
            BlobPackDescriptor::new([("p", layout("float-3"), 2), ("t", layout("ushort-1"), 5)]).unwrap();
        let pack = BlobPack::new(descriptor).unwrap();
        let mut bytes = pack.bytes().to_vec();
        let place = place.index(bytes.len());
        assert!(BlobPack::from_bytes(&bytes[..place]).is_err());
        bytes[place] ^= 1 << bit;
        if let Ok(other) = BlobPack::from_bytes(&bytes) {
            assert_eq!(other.bytes(), bytes);
            assert_ne!(other, pack);
        }
    }
}

/// The bytes that `docs/spec/blobs.md` shows.
#[test]
fn a_pack_has_the_documented_bytes() {
    let descriptor =
        BlobPackDescriptor::new([("points", layout("float-3"), 1), ("ids", layout("ushort-1"), 2)]).unwrap();
    let mut pack = BlobPack::new(descriptor).unwrap();
    pack.set("points", &[1.0_f32, 2.0, -0.5]).unwrap();
    pack.set("ids", &[1_u16, 0x0203]).unwrap();
    let hex: String = pack.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/blobs.md")).unwrap();
    let block = document.split("```hex\n").nth(1).unwrap().split("```").next().unwrap();
    let shown: String =
        block.lines().map(|line| line.split('#').next().unwrap()).flat_map(str::split_whitespace).collect();
    let zeros = format!("{:0<width$}", "", width = 2 * (64 - 12));
    assert_eq!(shown.replace("…", &zeros), hex);
}

#[test]
fn what_is_no_pack_says_why() {
    let said = |result: Result<BlobPack, Error>| result.unwrap_err().to_string();
    assert_eq!(said(BlobPack::from_bytes(b"")), "this is no pack of arrays: it does not start like one");
    assert_eq!(
        said(BlobPack::from_bytes(b"anb-pak\x02\x01\0\0\0\x80")),
        "this is no pack of arrays: it does not start like one"
    );
    assert_eq!(
        said(BlobPack::from_bytes(b"anb-pak\x01\x05\0\0\0\x80")),
        "this is no pack of arrays: its descriptor has 5 bytes, of which 1 are here"
    );
    let huge = said(BlobPack::from_bytes(b"anb-pak\x01\xff\xff\xff\xff\x80"));
    assert_eq!(huge, "a descriptor has 4294967295 bytes; one has at most 16777216");
    let mut empty = b"anb-pak\x01\x01\0\0\0\x80".to_vec();
    assert_eq!(BlobPack::from_bytes(&empty).unwrap().descriptor().regions(), []);
    empty.push(0);
    assert_eq!(said(BlobPack::from_bytes(&empty)), "a pack with these regions has 13 bytes, this has 14");

    let one = BlobPackDescriptor::new([("a", BlobLayout::BYTES, 1)]).unwrap();
    let mut bytes = BlobPack::new(one).unwrap().bytes().to_vec();
    bytes[40] = 1;
    assert_eq!(said(BlobPack::from_bytes(&bytes)), "byte 40 belongs to no region and is not 0");
    let twice = BlobPackDescriptor::new([("a", BlobLayout::BYTES, 1), ("a", BlobLayout::BYTES, 1)]);
    assert_eq!(twice, Err(BlobPackError::Duplicate { name: "a".to_owned() }));
    for name in [String::new(), "x".repeat(256)] {
        assert_eq!(
            BlobPackDescriptor::new([(name.clone(), BlobLayout::BYTES, 1)]),
            Err(BlobPackError::Name { name })
        );
    }
    let far = BlobPackDescriptor::new([("far", layout("double-255"), u64::MAX)]);
    assert_eq!(far, Err(BlobPackError::TooFar { name: "far".to_owned() }));
    let database = memory();
    let id = database.create_blob(BlobLayout::BYTES, b"no pack at all").unwrap();
    assert!(matches!(database.open_blob_pack(id), Err(Error::BlobPack(BlobPackError::NotAPack))));
}

#[test]
fn the_pool_says_what_is_in_it() {
    let database = memory();
    assert_eq!(database.blob_statistics().unwrap(), Default::default());
    database.create_blob(BlobLayout::BYTES, &[1; 10]).unwrap();
    database.create_blob(layout("float-3"), &[0; 24]).unwrap();
    database.create_blob(BlobLayout::BYTES, &[]).unwrap();
    let found = database.blob_statistics().unwrap();
    assert_eq!(
        (found.blobs, found.bytes, found.smallest, found.largest, found.unreferenced),
        (3, 34, 0, 24, 3)
    );
    assert_eq!((found.chunks, found.chunk_bytes), (2, 34));
    assert_eq!(found.layouts, [("float-3".to_owned(), 1), ("uchar-1".to_owned(), 2)].into());
}
