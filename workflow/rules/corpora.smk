# The two corpora: fetched, synthesised, or already in a folder; then packed into what training reads.


# Nodes of a cluster often have no way out, and the archives' server is better asked by one machine.
localrules:
    download_archive,


# The output is a receipt and not the archive, which Snakemake would delete before it repeats the job: what is there
# already is verified, and what has come in part is taken up. Receipts go when all is unpacked, so that nothing is fetched
# again whatever becomes of the archives. The job itself tries again where that may help.
rule download_archive:
    output:
        temp(f"{RECEIPTS}/{{archive}}.md5"),
    log:
        f"{RECEIPTS}/logs/{{archive}}.log",
    benchmark:
        f"{RECEIPTS}/benchmarks/{{archive}}.tsv"
    retries: 0
    conda:
        "../../envs/tagasc.yaml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=get_mem(0),
        runtime=get_minutes(720),
    message:
        "Downloading {wildcards.archive}"
    script:
        "../scripts/download_archive.py"


if EXPERIMENT.scenes.source == "download":

    rule unpack_scenes:
        input:
            expand(f"{RECEIPTS}/{{archive}}.md5", archive=SCENE_ARCHIVES),
        output:
            SCENE_LISTS,
        log:
            f"{SCENES}/logs/unpack_scenes.log",
        benchmark:
            f"{SCENES}/benchmarks/unpack_scenes.tsv"
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=get_mem(500),
            runtime=get_unpacking_minutes(35.6),
        message:
            "Unpacking the scene recordings"
        script:
            "../scripts/unpack_scenes.py"


if EXPERIMENT.events.source == "download":

    rule unpack_events:
        input:
            expand(f"{RECEIPTS}/{{archive}}.md5", archive=EVENT_ARCHIVES),
        output:
            EVENT_LISTS,
        log:
            f"{EVENTS}/logs/unpack_events.log",
        benchmark:
            f"{EVENTS}/benchmarks/unpack_events.tsv"
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=get_mem(500),
            runtime=get_unpacking_minutes(26.8),
        message:
            "Unpacking the event recordings"
        script:
            "../scripts/unpack_events.py"


if EXPERIMENT.scenes.source == "demo":

    rule make_demo_scenes:
        output:
            SCENE_LISTS,
        log:
            f"{SCENES}/logs/make_demo_scenes.log",
        benchmark:
            f"{SCENES}/benchmarks/make_demo_scenes.tsv"
        priority: 10
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=get_mem(500),
            runtime=get_minutes(30),
        params:
            scenes=keys(EXPERIMENT.scenes, "sample_rate", "channels", "duration"),
            demo=keys(EXPERIMENT.demo, "seed", "train", "evaluate"),
        message:
            "Synthesising scene recordings"
        script:
            "../scripts/make_demo_scenes.py"


if EXPERIMENT.events.source == "demo":

    rule make_demo_events:
        output:
            EVENT_LISTS,
        log:
            f"{EVENTS}/logs/make_demo_events.log",
        benchmark:
            f"{EVENTS}/benchmarks/make_demo_events.tsv"
        priority: 10
        conda:
            "../../envs/tagasc.yaml"
        threads: 1
        resources:
            mem_mb=get_mem(500),
            runtime=get_minutes(30),
        params:
            events=keys(EXPERIMENT.events, "sample_rate"),
            demo=keys(EXPERIMENT.demo, "seed", "curated", "noisy", "test"),
        message:
            "Synthesising event recordings"
        script:
            "../scripts/make_demo_events.py"


# Packing verifies what users bring. It goes before everything else that could run, so that a bad file is found before
# anything is trained.
rule pack_scenes:
    input:
        SCENE_LISTS,
    output:
        verified=f"{SCENES}/verified.csv",
        clips=f"{SCENES}/clips.csv",
        waveforms=f"{SCENES}/waveforms.npy",
    log:
        f"{SCENES}/logs/pack_scenes.log",
    benchmark:
        f"{SCENES}/benchmarks/pack_scenes.tsv"
    priority: 10
    conda:
        "../../envs/tagasc.yaml"
    threads: 8
    resources:
        mem_mb=get_packing_mem,
        runtime=get_packing_minutes,
    params:
        scenes=keys(EXPERIMENT.scenes, "sample_rate", "channels", "duration", "on_mismatch"),
    message:
        "Verifying and packing the scene recordings"
    script:
        "../scripts/pack_scenes.py"


rule pack_events:
    input:
        EVENT_LISTS,
    output:
        verified=f"{EVENTS}/verified.csv",
        clips=f"{EVENTS}/clips.csv",
        labels=f"{EVENTS}/labels.csv",
        mel=f"{EVENTS}/mel_power.npy",
    log:
        f"{EVENTS}/logs/pack_events.log",
    benchmark:
        f"{EVENTS}/benchmarks/pack_events.tsv"
    priority: 10
    conda:
        "../../envs/tagasc.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=get_packing_mem,
        runtime=get_packing_minutes,
    params:
        events=keys(EXPERIMENT.events, "sample_rate", "on_mismatch", "drop", "mel"),
    message:
        "Verifying the event recordings and computing their mel power"
    script:
        "../scripts/pack_events.py"
