//! A TCP proxy that treats what passes through it as a bad network would.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Who is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// What the client sends.
    Server,
    /// What the server answers.
    Client,
}

/// What befalls one connection. The default is a good network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// The connection is cut, both ways, when so many bytes have passed one way.
    pub cut: Option<(Towards, u64)>,
    /// One bit of the byte at this place is flipped.
    pub corrupt: Option<(Towards, u64)>,
    /// What passes arrives in pieces of at most so many bytes, each written by itself.
    pub pieces: Option<usize>,
    /// How long each piece takes.
    pub delay: Duration,
}

/// A proxy on a port of its own, for as long as it is kept.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: SocketAddr,
    /// What awaits the connections to come, one each; then the weather is good.
    forecast: Mutex<VecDeque<Weather>>,
    connections: AtomicU64,
    bytes: [AtomicU64; 2],
    is_stopping: AtomicBool,
}

impl Proxy {
    /// A proxy in front of a server.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn before(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            forecast: Mutex::default(),
            connections: AtomicU64::new(0),
            bytes: Default::default(),
            is_stopping: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.is_stopping.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(client) = client {
                    accepting.clone().join(client);
                }
            }
        });
        Ok(Self { address, shared })
    }

    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What befalls the next connections, one each.
    pub fn forecast(&self, weather: impl IntoIterator<Item = Weather>) {
        self.shared.forecast.lock().unwrap_or_else(PoisonError::into_inner).extend(weather);
    }

    /// Forgets what was to befall connections to come.
    pub fn clear(&self) {
        self.shared.forecast.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many connections have been made.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many bytes have passed this way, on all connections.
    pub fn bytes(&self, towards: Towards) -> u64 {
        self.shared.bytes[towards as usize].load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; where nobody answers, it has ended already.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    /// Connects a client with the server, in the weather that is due.
    fn join(self: Arc<Self>, client: TcpStream) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let weather =
            self.forecast.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default();
        // A server that is not there looks to the client as if it hung up.
        let Ok(server) = TcpStream::connect(self.target) else { return };
        for (from, to, towards) in [(&client, &server, Towards::Server), (&server, &client, Towards::Client)]
        {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { return };
            let shared = self.clone();
            thread::spawn(move || {
                // However it ends, both sides learn that it has.
                let _ = shared.carry(&from, &to, towards, weather);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    }

    fn carry(
        &self,
        mut from: &TcpStream,
        mut to: &TcpStream,
        towards: Towards,
        weather: Weather,
    ) -> io::Result<()> {
        to.set_nodelay(true)?;
        let here = |place: Option<(Towards, u64)>| place.filter(|(way, _)| *way == towards).map(|(_, at)| at);
        let (cut, corrupt) = (here(weather.cut), here(weather.corrupt));
        let mut passed = 0_u64;
        let mut buffer = vec![0; weather.pieces.unwrap_or(64 << 10).max(1)];
        loop {
            let read = from.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            let left = cut.map_or(u64::MAX, |at| at.saturating_sub(passed));
            let piece = usize::try_from(left).unwrap_or(usize::MAX).min(read);
            if let Some(place) = corrupt.and_then(|at| at.checked_sub(passed)).map(usize::try_from)
                && let Some(byte) = place.ok().and_then(|place| buffer[..piece].get_mut(place))
            {
                *byte ^= 0x10;
            }
            thread::sleep(weather.delay);
            // Counted first, so that who has received something finds it counted.
            self.bytes[towards as usize].fetch_add(piece as u64, Ordering::SeqCst);
            to.write_all(&buffer[..piece])?;
            passed += piece as u64;
            if piece < read || left == piece as u64 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it is sent.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                thread::spawn(move || io::copy(&mut &stream, &mut &stream));
            }
        });
        address
    }

    /// What comes back of 1,000 bytes, until the end or the cut.
    fn exchange(proxy: &Proxy) -> Vec<u8> {
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.write_all(&[7; 1000]);
        let mut buffer = [0; 1000];
        while answer.len() < 1000 {
            match stream.read(&mut buffer) {
                Ok(read) if read > 0 => answer.extend_from_slice(&buffer[..read]),
                _ => break,
            }
        }
        answer
    }

    #[test]
    fn each_connection_meets_its_own_weather() {
        let proxy = Proxy::before(echo()).unwrap();
        proxy.forecast([
            Weather { cut: Some((Towards::Client, 300)), ..Weather::default() },
            Weather { cut: Some((Towards::Server, 0)), ..Weather::default() },
            Weather { corrupt: Some((Towards::Server, 999)), pieces: Some(7), ..Weather::default() },
        ]);
        assert_eq!(exchange(&proxy), [7_u8; 300]);
        assert!(exchange(&proxy).is_empty());
        let mut expected = [7_u8; 1000];
        expected[999] = 7 ^ 0x10;
        assert_eq!(exchange(&proxy), expected);
        assert_eq!(exchange(&proxy), [7_u8; 1000]);
        assert_eq!(proxy.connections(), 4);
        assert_eq!(proxy.bytes(Towards::Client), 300 + 1000 + 1000);
    }
}
