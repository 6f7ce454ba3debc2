//! The buffer protocol, for classes that are written in Python.
//!
//! Python can give a class a buffer from 3.12 on only, and PyO3 from 3.11 on: the stable interface of 3.10 does not name
//! the slot, though the interpreter fills it. The base class made here has no data of its own and hands every request on
//! to what `_buffer()` of the object answers, so that nothing needs to know what a `Py_buffer` looks like.
#![expect(unsafe_code, reason = "slots of a class can only be given as pointers")]

use std::ffi::{c_int, c_void};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The number of the slot in `typeslots.h`, the same in every version from 3.9 on.
const BF_GETBUFFER: c_int = 1;

unsafe extern "C" {
    // Part of the interpreter since 2.6; the headers of the stable interface name it from 3.11 on.
    fn PyObject_GetBuffer(object: *mut ffi::PyObject, view: *mut c_void, flags: c_int) -> c_int;
}

/// Fills a view with the buffer of what `_buffer()` answers, which the view then belongs to: the documented way to
/// redirect a request.
unsafe extern "C" fn get_buffer(object: *mut ffi::PyObject, view: *mut c_void, flags: c_int) -> c_int {
    // SAFETY: the interpreter calls this with a live object of a class below this one, attached to its thread. What the
    // calls answer is checked; the owner is released once, and the view keeps a reference of its own to it.
    unsafe {
        let method = ffi::PyObject_GetAttrString(object, c"_buffer".as_ptr());
        if method.is_null() {
            return -1;
        }
        let owner = ffi::PyObject_CallNoArgs(method);
        ffi::Py_DecRef(method);
        if owner.is_null() {
            return -1;
        }
        let filled = PyObject_GetBuffer(owner, view, flags);
        ffi::Py_DecRef(owner);
        filled
    }
}

/// A base class whose objects have the buffer of what their method `_buffer` answers.
#[pyfunction]
#[pyo3(name = "_buffering")]
pub(crate) fn buffering(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let mut slots = [
        ffi::PyType_Slot { slot: BF_GETBUFFER, pfunc: get_buffer as *mut c_void },
        ffi::PyType_Slot {
            slot: ffi::Py_tp_doc,
            pfunc: c"Has the buffer of what `_buffer` answers.".as_ptr().cast_mut().cast(),
        },
        ffi::PyType_Slot { slot: 0, pfunc: std::ptr::null_mut() },
    ];
    let mut spec = ffi::PyType_Spec {
        name: c"anabranch._native.Buffering".as_ptr(),
        basicsize: 0,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_BASETYPE) as _,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the specification ends with the zero slot and lives until the call returns, which copies it; name and doc
    // string are static. The answer is a new reference, or null with an exception set.
    let made = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&raw mut spec)) }?;
    Ok(made.cast_into::<PyType>()?)
}
