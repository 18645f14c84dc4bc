"""Tuned peers on the folds that folds.ts wrote: random search on inner grouped folds, one thread, CPU seconds.

usage: OMP_NUM_THREADS=1 python peers.py FOLDER --peers lightgbm,… --folds N --trials N --seed N
       OMP_NUM_THREADS=1 python peers.py FOLDER --time SETTINGS

FOLDER holds fold-0, fold-1, …: `fold.json` (key, columns, inner), the training matrix `x` and the test matrix `test-x`
(float32, row-major, NaN is missing), the target `y` (float64, log price per m²), `held` (1: stops the final fit early),
`inner` (inner fold of each training row) and `held-0`, `held-1`, … (the same as `held`, within each inner fold's
training rows). Each peer leaves `peer-NAME.json` in every fold; a finished one with the same key is kept.

The target is centred on the training rows' median before any fit: losses that start at 0 would spend trees on it.
"""

import argparse
import hashlib
import importlib
import json
import os
import sys
import time

import numpy as np

# The same for every peer and for ours (search.ts): most trees, and trees without improvement before it stops.
MOST_TREES = 2000
PATIENCE = 50
FOREST_TREES = 300
SEARCH_FOREST_TREES = 100


def log_between(random, low, high):
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def log_int(random, low, high):
    return int(round(log_between(random, low, high)))


def pick(random, values):
    return values[int(random.integers(len(values)))]


class XGBoost:
    package = "xgboost"
    first = {"loss": "huber", "delta": 0.1, "lr": 0.06, "leaves": 31, "min_child": 8, "l2": 3.0, "rows": 0.8, "columns": 0.4}

    @staticmethod
    def draw(random):
        return {
            "loss": pick(random, ["squares", "absolute", "huber"]),
            "delta": log_between(random, 0.05, 0.3),
            "lr": log_between(random, 0.02, 0.12),
            "leaves": log_int(random, 12, 96),
            "min_child": log_int(random, 2, 30),
            "l2": log_between(random, 0.5, 20),
            "rows": float(random.uniform(0.6, 1)),
            "columns": float(random.uniform(0.2, 0.9)),
        }

    @staticmethod
    def fit(trial, x, y, held, searching=False, trees=None):
        import xgboost

        objectives = {"squares": "reg:squarederror", "absolute": "reg:absoluteerror", "huber": "reg:pseudohubererror"}
        model = xgboost.XGBRegressor(
            objective=objectives[trial["loss"]], tree_method="hist", max_bin=255, grow_policy="lossguide", max_depth=0,
            max_leaves=trial["leaves"], min_child_weight=trial["min_child"], reg_lambda=trial["l2"],
            learning_rate=trial["lr"], n_estimators=trees or MOST_TREES, subsample=trial["rows"],
            colsample_bytree=trial["columns"], early_stopping_rounds=None if trees else PATIENCE, eval_metric="mae",
            n_jobs=1, random_state=1, **({"huber_slope": trial["delta"]} if trial["loss"] == "huber" else {}),
        )
        if trees:
            return model.fit(x, y).predict, trees
        model.fit(x[~held], y[~held], eval_set=[(x[held], y[held])], verbose=False)
        return model.predict, model.best_iteration + 1


class LightGBM:
    package = "lightgbm"
    first = XGBoost.first
    draw = XGBoost.draw

    @staticmethod
    def fit(trial, x, y, held, searching=False, trees=None):
        import lightgbm

        losses = {"squares": "l2", "absolute": "l1", "huber": "huber"}
        model = lightgbm.LGBMRegressor(
            objective=losses[trial["loss"]], alpha=trial["delta"], num_leaves=trial["leaves"],
            min_child_samples=trial["min_child"], reg_lambda=trial["l2"], learning_rate=trial["lr"],
            n_estimators=trees or MOST_TREES, subsample=trial["rows"], subsample_freq=1, colsample_bytree=trial["columns"],
            max_bin=255, metric="l1", n_jobs=1, random_state=1, deterministic=True, force_col_wise=True, verbose=-1,
        )
        if trees:
            model.fit(x, y)
        else:
            stop = lightgbm.early_stopping(PATIENCE, verbose=False)
            model.fit(x[~held], y[~held], eval_X=x[held], eval_y=y[held], callbacks=[stop])
        booster, best = model.booster_, trees or model.best_iteration_ or MOST_TREES
        return (lambda rows: booster.predict(rows, num_iteration=best, num_threads=1)), best


class CatBoost:
    package = "catboost"
    first = {"loss": "huber", "delta": 0.1, "lr": 0.08, "depth": 6, "l2": 3.0, "rows": 0.8, "columns": 0.6}

    @staticmethod
    def draw(random):
        return {
            "loss": pick(random, ["squares", "absolute", "huber"]),
            "delta": log_between(random, 0.05, 0.3),
            "lr": log_between(random, 0.03, 0.15),
            "depth": int(random.integers(5, 9)),
            "l2": log_between(random, 0.5, 20),
            "rows": float(random.uniform(0.6, 1)),
            "columns": float(random.uniform(0.3, 1)),
        }

    @staticmethod
    def fit(trial, x, y, held, searching=False, trees=None):
        import catboost

        losses = {"squares": "RMSE", "absolute": "MAE", "huber": f"Huber:delta={trial['delta']:.4f}"}
        model = catboost.CatBoostRegressor(
            loss_function=losses[trial["loss"]], eval_metric="MAE", depth=trial["depth"], learning_rate=trial["lr"],
            l2_leaf_reg=trial["l2"], bootstrap_type="Bernoulli", subsample=trial["rows"], rsm=trial["columns"],
            border_count=254, iterations=trees or MOST_TREES, od_type="Iter", od_wait=PATIENCE, use_best_model=not trees,
            thread_count=1, random_seed=1, allow_writing_files=False, verbose=False,
        )
        if trees:
            model.fit(x, y)
        else:
            model.fit(x[~held], y[~held], eval_set=(x[held], y[held]))
        return (lambda rows: model.predict(rows, thread_count=1)), model.tree_count_


class HistGradientBoosting:
    package = "sklearn"
    first = {"loss": "absolute", "lr": 0.06, "leaves": 31, "min_child": 8, "l2": 3.0, "columns": 0.4}

    @staticmethod
    def draw(random):
        drawn = XGBoost.draw(random)
        return {**{name: drawn[name] for name in HistGradientBoosting.first}, "loss": pick(random, ["squares", "absolute"])}

    @staticmethod
    def fit(trial, x, y, held, searching=False, trees=None):
        from sklearn.ensemble import HistGradientBoostingRegressor

        losses = {"squares": "squared_error", "absolute": "absolute_error"}
        model = HistGradientBoostingRegressor(
            loss=losses[trial["loss"]], learning_rate=trial["lr"], max_iter=trees or MOST_TREES, max_leaf_nodes=trial["leaves"],
            min_samples_leaf=trial["min_child"], l2_regularization=trial["l2"], max_features=trial["columns"],
            max_bins=255, early_stopping=not trees, n_iter_no_change=PATIENCE, tol=0, scoring="neg_mean_absolute_error",
            random_state=1,
        )
        if trees:
            model.fit(x, y)
        else:
            model.fit(x[~held], y[~held], X_val=x[held], y_val=y[held])
        return model.predict, int(model.n_iter_)


class RandomForest:
    package = "sklearn"
    first = {"min_leaf": 2, "columns": 0.33, "rows": 1.0}

    @staticmethod
    def draw(random):
        return {
            "min_leaf": log_int(random, 1, 8),
            "columns": float(random.uniform(0.15, 0.7)),
            "rows": float(random.uniform(0.6, 1)),
        }

    @staticmethod
    def fit(trial, x, y, held, searching=False, trees=None):
        from sklearn.ensemble import RandomForestRegressor

        # Nothing to stop early: the forest learns from the held rows too.
        trees = trees or (SEARCH_FOREST_TREES if searching else FOREST_TREES)
        model = RandomForestRegressor(
            n_estimators=trees, min_samples_leaf=trial["min_leaf"], max_features=trial["columns"],
            max_samples=None if trial["rows"] > 0.99 else trial["rows"], n_jobs=1, random_state=1,
        )
        model.fit(x, y)
        return model.predict, trees


PEERS = {
    "xgboost": XGBoost,
    "lightgbm": LightGBM,
    "catboost": CatBoost,
    "hist-gradient-boosting": HistGradientBoosting,
    "random-forest": RandomForest,
}


class Fold:
    def __init__(self, path):
        self.path = path
        with open(f"{path}/fold.json") as file:
            shape = json.load(file)
        self.key = shape["key"]
        matrix = lambda name: np.fromfile(f"{path}/{name}", dtype="<f4").reshape(-1, shape["columns"])
        self.x, self.test_x = matrix("x"), matrix("test-x")
        self.y = np.fromfile(f"{path}/y", dtype="<f8")
        flags = lambda name: np.fromfile(f"{path}/{name}", dtype=np.uint8)
        self.held, self.inner = flags("held").astype(bool), flags("inner")
        self.inner_held = [flags(f"held-{inner}").astype(bool) for inner in range(shape["inner"])]


def fit_timed(peer, trial, x, y, held, **how):
    """`how`: `searching` (fewer trees of a forest), or `trees`: all rows, so many trees, no early stop."""
    begun = time.process_time()
    centre = float(np.median(y))
    predict, trees = peer.fit(trial, x, y - centre, held, **how)
    return (lambda rows: predict(rows) + centre), trees, time.process_time() - begun


def inner_error(peer, trial, fold, inner):
    """Mean absolute error of the log price on one inner fold, and CPU seconds."""
    train = fold.inner != inner
    predict, _, seconds = fit_timed(peer, trial, fold.x[train], fold.y[train], fold.inner_held[inner][train], searching=True)
    return float(np.mean(np.abs(predict(fold.x[~train]) - fold.y[~train]))), seconds


def search(peer, fold, trials, seed):
    """All trials on the first inner fold, the best quarter on the others too: least mean error wins."""
    random = np.random.default_rng(seed)
    drawn = [peer.first] + [peer.draw(random) for _ in range(trials - 1)]
    first = [inner_error(peer, trial, fold, 0) for trial in drawn]
    seconds = sum(own for _, own in first)
    best, best_error = drawn[0], float("inf")
    for at in sorted(range(trials), key=lambda at: first[at][0])[: -(-trials // 4)]:
        errors = [first[at][0]]
        for inner in range(1, len(fold.inner_held)):
            error, own = inner_error(peer, drawn[at], fold, inner)
            errors.append(error)
            seconds += own
        if np.mean(errors) < best_error:
            best, best_error = drawn[at], float(np.mean(errors))
    return best, best_error, seconds


def run_peer(name, peer, fold, trials, seed):
    path = f"{fold.path}/peer-{name}.json"
    version = importlib.import_module(peer.package).__version__
    with open(__file__, "rb") as file:
        script = hashlib.sha256(file.read()).hexdigest()[:12]
    key = f"{fold.key}/{script}/{version}/{trials}/{seed}"
    if os.path.exists(path):
        with open(path) as file:
            if json.load(file)["key"] == key:
                return
    chosen, error, search_seconds = search(peer, fold, trials, seed)
    predict, trees, fit_seconds = fit_timed(peer, chosen, fold.x, fold.y, fold.held)
    # As ours do, peers learn from the rows that stopped them too: once more from all, with the trees found.
    if peer is not RandomForest:
        predict, trees, seconds = fit_timed(peer, chosen, fold.x, fold.y, fold.held, trees=trees)
        fit_seconds += seconds
    predict(fold.test_x)
    begun = time.process_time()
    predicted = predict(fold.test_x)
    result = {
        "key": key, "version": version, "predicted": [float(value) for value in predicted], "innerError": error,
        "chosen": chosen, "trees": int(trees), "fitSeconds": fit_seconds, "searchSeconds": search_seconds,
        "predictSeconds": time.process_time() - begun,
    }
    with open(f"{path}.part", "w") as file:
        json.dump(result, file)
    os.replace(f"{path}.part", path)
    print(f"{fold.path}: {name} {search_seconds:.0f} + {fit_seconds:.1f} CPU s", file=sys.stderr, flush=True)


def time_boosters(fold, settings):
    """CPU seconds of boosting libraries at the same number of trees, leaves and bins on the rows that are not held."""
    import lightgbm
    import xgboost

    x, y = fold.x[~fold.held], fold.y[~fold.held]
    leaves, trees = settings["maxLeaves"], settings["maxTrees"]
    shared = {
        "n_estimators": trees, "learning_rate": settings["shrinkage"], "reg_lambda": settings["l2"], "n_jobs": 1,
        "subsample": settings["rowShare"], "colsample_bytree": settings["columnShare"], "random_state": 1,
        "max_bin": settings["mostBins"],
    }
    models = {
        "xgboost": xgboost.XGBRegressor(
            tree_method="hist", grow_policy="lossguide", max_depth=0, max_leaves=leaves,
            min_child_weight=settings["minLeafRows"], **shared,
        ),
        "lightgbm": lightgbm.LGBMRegressor(
            num_leaves=leaves, min_child_samples=settings["minLeafRows"], subsample_freq=1, force_col_wise=True,
            verbose=-1, **shared,
        ),
    }
    result = {}
    for name, model in models.items():
        begun = time.process_time()
        model.fit(x, y)
        result[name] = time.process_time() - begun
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--peers")
    parser.add_argument("--folds", type=int)
    parser.add_argument("--trials", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--time")
    given = parser.parse_args()
    if given.time is not None:
        print(json.dumps(time_boosters(Fold(given.folder), json.loads(given.time))))
        return
    missing = {}
    for name in given.peers.split(","):
        try:
            importlib.import_module(PEERS[name].package)
        except ImportError as error:
            missing[name] = f"{error}; install it: pip install {PEERS[name].package.replace('sklearn', 'scikit-learn')}"
            continue
        for fold in range(given.folds):
            own = Fold(f"{given.folder}/fold-{fold}")
            run_peer(name, PEERS[name], own, given.trials, given.seed + fold)
    print(json.dumps({"missing": missing}))


main()
