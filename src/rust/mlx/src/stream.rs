//! Streams: queues of work on a device.

use crate::bridge::ffi;
use crate::error::{Error, Result};
use crate::ops::Device;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A queue of work on a device; a clone names the same one. MLX never ends a stream, so one that nothing names any more is
/// handed out again by [`Stream::new`].
#[derive(Clone, Debug)]
pub struct Stream(Rc<Queue>);

#[derive(Debug)]
struct Queue {
    device: Device,
    index: i32,
    /// Was it made here, so that it may be handed out again?
    made: bool,
}

impl Drop for Queue {
    fn drop(&mut self) {
        if self.made {
            // when the thread ends there is nobody left to hand it to
            let _ = IDLE.try_with(|idle| idle.borrow_mut().push((self.device, self.index)));
        }
    }
}

thread_local! {
    static IDLE: RefCell<Vec<(Device, i32)>> = const { RefCell::new(Vec::new()) };
    static MADE: Cell<usize> = const { Cell::new(0) };
    static DEFAULTS: RefCell<[Option<Stream>; 2]> = const { RefCell::new([None, None]) };
}

impl Stream {
    /// The most streams that can be in use at once, since each on the CPU is a thread.
    pub const MOST: usize = 256;

    /// A stream that nothing else names.
    ///
    /// # Errors
    /// [`Error::Device`] when [`Stream::MOST`] are in use, or the system has no room for another thread.
    pub fn new(device: Device) -> Result<Self> {
        let idle = IDLE.with_borrow_mut(|idle| {
            let place = idle.iter().position(|(on, _)| *on == device)?;
            Some(idle.remove(place).1)
        });
        let index = match idle {
            Some(index) => index,
            None if MADE.get() >= Self::MOST => {
                return Err(Error::Device(format!("No more than {} streams can be in use.", Self::MOST)));
            }
            None => {
                let index = ffi::new_stream(device.is_gpu())
                    .map_err(|e| Error::Device(format!("There is no room for another stream: {}", e.what())))?;
                MADE.set(MADE.get() + 1);
                index
            }
        };
        Ok(Self(Rc::new(Queue { device, index, made: true })))
    }

    /// The stream that a device's work goes to.
    ///
    /// # Errors
    /// [`Error::Device`] when there is no such device.
    pub fn default_of(device: Device) -> Result<Self> {
        DEFAULTS.with_borrow_mut(|defaults| match &mut defaults[device as usize] {
            Some(stream) => Ok(stream.clone()),
            slot => {
                let index = ffi::default_stream(device.is_gpu())?;
                Ok(slot.insert(Self(Rc::new(Queue { device, index, made: false }))).clone())
            }
        })
    }

    /// Sends the work of the stream's device here from now on.
    ///
    /// # Errors
    /// [`Error::Device`] when there is no such device.
    pub fn make_default(&self) -> Result<()> {
        Self::default_of(self.device())?;
        ffi::set_default_stream(self.device().is_gpu(), self.index())?;
        let former = DEFAULTS.with_borrow_mut(|defaults| defaults[self.device() as usize].replace(self.clone()));
        drop(former);
        Ok(())
    }

    /// The device.
    pub fn device(&self) -> Device {
        self.0.device
    }

    /// MLX's number of the stream.
    pub fn index(&self) -> i32 {
        self.0.index
    }
}
