//! Things that never change, kept as long as there is room.

use std::collections::HashMap;
use std::hash::Hash;

/// Keeps the most recently used values, within about a weight.
///
/// Two generations: what is used moves to the young one; when that is full it becomes the old one, and what was old and
/// not used since goes.
pub(crate) struct Cache<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    weight: usize,
    room: usize,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// With room for values of about this weight together.
    pub(crate) fn new(room: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), weight: 0, room }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, weight)) = self.old.remove_entry(key)?;
        self.insert(key, value.clone(), weight);
        Some(value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V, weight: usize) {
        if self.weight + weight > self.room / 2 {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        // What has no room at all is not kept.
        if weight <= self.room / 2 {
            self.weight += weight;
            if let Some((_, before)) = self.young.insert(key, (value, weight)) {
                self.weight -= before;
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
        self.weight = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_makes_room() {
        let mut cache = Cache::new(100);
        for number in 0..1000 {
            cache.insert(number, number, 10);
            assert_eq!(cache.get(&0), Some(0), "used all the time");
            assert!(cache.young.len() + cache.old.len() <= 10);
        }
        assert_eq!((cache.get(&999), cache.get(&500)), (Some(999), None));
        cache.insert(7, 7, 51);
        assert_eq!(cache.get(&7), None, "larger than may be");
        cache.clear();
        assert_eq!(cache.get(&999), None);
    }
}
