"""The model of the mission's listings."""

TUTO = """
namespace Tuto {f529bc42-0618-4f54-a3fb-d55f95c5ad03} {
    \"\"\"Somebody who may log in.\"\"\"
    concept User;

    struct Login {
        string nickname;
        string password;
    };

    struct Identity {
        string firstname;
        string lastname;
    };

    struct Thumbnail {
        uint32 width;
        uint32 height;
        blob data;
    };

    struct Texture {
        uint32 width;
        uint32 height;
        blob_id pixels;
    };

    enum Status { pending, active, completed };

    struct Account {
        Status state;
    };

    attachment<User, Login> login;
    attachment<User, Identity> identity;
    attachment<User, Thumbnail> avatar;
    attachment<User, Texture> portrait;
    attachment<User, Account> account;
};
"""

WORKSHOP = """
namespace Workshop {0b1f4c2e-63b7-4a53-9d0c-5f1f5d1b7a10} {
    concept Item;
    concept Tool is a Item;
    concept Part is a Item;
    concept Person;
    club Owner;
    membership Owner Person;
    membership Owner Part;

    enum Shade { dark, light, none };

    struct Inner {
        string label = "new";
        set<int8> marks;
    };

    struct Doc {
        string title = "untitled";
        int64 count;
        int8 small;
        uint8 byte;
        float single;
        double ratio;
        bool flag;
        uuid mark;
        blob data;
        blob_id pixels;
        commit_id origin;
        Shade shade = .light;
        vec<float, 3> position;
        mat<double, 2, 3> matrix;
        tuple<string, int32> pair;
        optional<string> note;
        optional<Inner> maybe;
        vector<int64> numbers;
        vector<Inner> parts;
        vector<vector<string>> table;
        set<string> tags;
        set<vec<float, 2>> points;
        map<string, int64> counts;
        map<int8, Inner> inners;
        map<string, set<string>> deep;
        xarray<string> lines;
        xarray<Inner> slots;
        variant<string, int64, Inner> choice;
        any extra;
        key<Item> item;
        key<Owner> owner;
        key<any_concept> whatever;
        Inner inner;
    };

    attachment<Item, Doc> doc;
    attachment<Item, set<string>> tags;
    attachment<Item, optional<string>> maybe;
    attachment<Item, xarray<int32>> list;
    attachment<Item, map<string, int64>> counts;
    attachment<Owner, string> name;
    attachment<any_concept, string> remark;
};
"""
