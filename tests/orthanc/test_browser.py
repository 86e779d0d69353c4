"""The button in Orthanc Explorer and Greycloak's page, in a real Chromium."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from orthanc_server import OrthancServer
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import Select, WebDriverWait

from greycloak.pixels.risk import REMEDY, RISKS
from greycloak.reasons import REASONS
from support import ct, encode

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1100,1000 --hide-scrollbars"
).split()
SCREENSHOTS = os.environ.get("GREYCLOAK_SCREENSHOTS")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "trusting.toml").write_text('base = "basic"\n[pixels]\nburned_in = "ignore"\n')
    section = {
        "Rules": [],
        "ProfileFolder": str(folder),
        "Profiles": ["basic", "trusting", "clinical-trial", "site-table"],
    }
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section).start()
    yield server
    server.stop_cleanly()


@pytest.fixture(scope="module")
def uploaded(orthanc):
    for number in range(1, 13):
        answer = orthanc.upload(
            encode(
                ct(
                    PatientName="Sample^Sally",
                    SeriesInstanceUID=f"1.2.3.4.3.{number // 8}",
                    SOPInstanceUID=f"1.2.3.4.1.{number}",
                    StudyDescription="Thorax for Dr. Example",
                    SeriesDescription="Lung" if number < 8 else "Mediastinum",
                )
            )
        )
    return answer


def wait(browser, condition):
    return WebDriverWait(browser, 20).until(condition)


def by_id(name):
    return expected.visibility_of_element_located((By.ID, name))


def picture(browser, name):
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(Path(SCREENSHOTS, f"{name}.png")))


def no_complaints(browser):
    return [entry for entry in browser.get_log("browser") if "greycloak" in entry["message"]]


@pytest.mark.parametrize(
    ("page", "level", "parent"),
    [
        ("patient", "patients", "ParentPatient"),
        ("study", "studies", "ParentStudy"),
        ("series", "series", "ParentSeries"),
    ],
)
def test_the_button_leads_to_an_anonymized_twin(browser, orthanc, uploaded, page, level, parent):
    browser.get("about:blank")
    browser.get(f"{orthanc.url}/app/explorer.html#{page}?uuid={uploaded[parent]}")
    button = wait(browser, by_id(f"{page}-greycloak"))
    assert button.text.strip() == "Greycloak: anonymize"
    picture(browser, f"explorer-{page}")
    explorer = browser.current_window_handle
    button.click()
    wait(browser, expected.number_of_windows_to_be(2))
    browser.switch_to.window(next(handle for handle in browser.window_handles if handle != explorer))
    assert wait(browser, by_id("facts")).text.startswith("Patient\nSample Sally")
    assert browser.current_url.endswith(f"?{level}={uploaded[parent]}")
    wait(browser, by_id("choices"))
    assert Select(browser.find_element(By.ID, "profile")).first_selected_option.text == "basic"
    project = browser.find_element(By.ID, "project")
    project.clear()
    project.send_keys(f"from-{page}")
    picture(browser, f"page-{page}")
    browser.find_element(By.ID, "run").click()
    link = wait(browser, by_id("result-link"))
    assert browser.find_element(By.ID, "state").text == "Done"
    picture(browser, f"done-{page}")
    assert no_complaints(browser) == []
    new = link.get_attribute("href").split("uuid=")[1]
    found = orthanc.get(f"/{level}/{new}/instances")
    assert len(found) == len(orthanc.get(f"/{level}/{uploaded[parent]}/instances"))
    tags = orthanc.get(f"/instances/{found[0]['ID']}/simplified-tags")
    assert tags["PatientName"].startswith(f"FROM-{page.upper()}-")
    link.click()
    wait(browser, lambda driver: tags["PatientName"] in driver.page_source)
    picture(browser, f"result-{page}")
    browser.close()
    browser.switch_to.window(explorer)


def test_a_wrong_project_name_is_not_sent(browser, orthanc, uploaded):
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies={uploaded['ParentStudy']}")
    wait(browser, by_id("choices"))
    project = browser.find_element(By.ID, "project")
    project.clear()
    project.send_keys("no good!")
    before = len(orthanc.get("/greycloak/jobs"))
    browser.find_element(By.ID, "run").click()
    assert browser.execute_script("return arguments[0].validity.patternMismatch", project)
    assert len(orthanc.get("/greycloak/jobs")) == before


def test_an_unknown_study_is_told(browser, orthanc):
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies=nonsense")
    assert wait(browser, by_id("error")).text == "It is not in this Orthanc, or not any more."
    picture(browser, "page-unknown")


def test_what_was_held_back_is_shown_with_its_reason(browser, orthanc):
    study = orthanc.upload(encode(ct(StudyInstanceUID="1.2.77", SOPInstanceUID="1.2.77.1", BurnedInAnnotation="YES")))
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies={study['ParentStudy']}")
    wait(browser, by_id("choices"))
    browser.find_element(By.ID, "run").click()
    wait(browser, by_id("quarantined")).find_element(By.TAG_NAME, "summary").click()
    told = browser.find_element(By.ID, "quarantined")
    assert f"1 × {REASONS['burned-in-annotation'].meaning} [burned-in-annotation" in told.text
    assert REASONS["burned-in-annotation"].remedy in told.text
    assert study["ID"] not in told.text
    told.find_element(By.CSS_SELECTOR, "li details summary").click()
    assert f"Instance {study['ID']}" in told.text
    assert not browser.find_element(By.ID, "at-risk").is_displayed()
    picture(browser, "page-quarantined")
    browser.get(f"{orthanc.url}/greycloak/page/index.html")
    told = wait(browser, by_id("all-quarantined")).text
    assert "[burned-in-annotation" in told
    assert REASONS["burned-in-annotation"].remedy in told
    picture(browser, "page-status")
    assert no_complaints(browser) == []


def test_what_was_held_back_can_be_dismissed_or_tried_again(browser, orthanc):
    study = orthanc.upload(encode(ct(StudyInstanceUID="1.2.78", SOPInstanceUID="1.2.78.1", BurnedInAnnotation="YES")))
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies={study['ParentStudy']}")
    wait(browser, by_id("choices"))
    browser.find_element(By.ID, "run").click()
    WebDriverWait(browser, 30).until(lambda b: b.find_element(By.ID, "state").text == "Nothing went through")
    browser.get(f"{orthanc.url}/greycloak/page/index.html")

    def entry():
        for line in browser.find_elements(By.CSS_SELECTOR, "#all-quarantined li details"):
            if line.get_attribute("open") is None:
                line.find_element(By.TAG_NAME, "summary").click()
        found = [
            li for li in browser.find_elements(By.CSS_SELECTOR, "#all-quarantined li li") if study["ID"] in li.text
        ]
        return found[0] if found else None

    wait(browser, by_id("all-quarantined"))
    entry().find_element(By.XPATH, ".//button[text()='Try again']").click()
    anew = WebDriverWait(browser, 30, ignored_exceptions=[StaleElementReferenceException])  # the list is drawn anew
    anew.until(lambda _: "tried 2 times" in entry().text)
    picture(browser, "page-quarantine-entry")
    entry().find_element(By.XPATH, ".//button[text()='Dismiss']").click()
    anew.until(lambda _: entry() is None)
    assert no_complaints(browser) == []


def test_a_profile_that_leaves_identity_is_marked_and_asked_about(browser, orthanc, uploaded):
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies={uploaded['ParentStudy']}")
    wait(browser, by_id("choices"))
    warning = browser.find_element(By.ID, "identity-stays")
    assert not warning.is_displayed()
    profile = Select(browser.find_element(By.ID, "profile"))
    profile.select_by_visible_text("site-table (identity stays)")
    assert "does not remove the patient’s identity" in warning.text
    assert "birth date" in warning.text
    picture(browser, "page-identity-stays")
    jobs = orthanc.get("/greycloak/jobs")
    browser.find_element(By.ID, "run").click()
    assert orthanc.get("/greycloak/jobs") == jobs
    profile.select_by_value("basic")
    assert not warning.is_displayed()


def test_problems_are_shown(browser, orthanc):
    key = orthanc.folder / "orthanc" / "greycloak" / "key"
    key.rename(key.with_name("away"))
    try:
        browser.get(f"{orthanc.url}/greycloak/page/index.html")
        assert "key file" in wait(browser, by_id("problems")).text
        picture(browser, "page-problems")
    finally:
        key.with_name("away").rename(key)


def test_images_that_may_show_identity_are_shown_to_be_looked_at(browser, orthanc):
    for number in range(2):
        ultrasound = ct(
            SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", StudyInstanceUID="1.2.78", SOPInstanceUID=f"1.2.78.{number}"
        )
        study = orthanc.upload(encode(ultrasound))
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies={study['ParentStudy']}")
    wait(browser, by_id("choices"))
    Select(browser.find_element(By.ID, "profile")).select_by_value("trusting")
    browser.find_element(By.ID, "run").click()
    wait(browser, by_id("at-risk")).find_element(By.TAG_NAME, "summary").click()
    told = browser.find_element(By.ID, "at-risk")
    assert "2 may show identity in their pixels" in told.text
    assert RISKS["ultrasound"] in told.text
    assert REMEDY in told.text
    links = told.find_elements(By.CSS_SELECTOR, "li a")
    shown = links[0].get_attribute("href").split("uuid=")[1]
    assert orthanc.get(f"/instances/{shown}/simplified-tags")["PatientIdentityRemoved"] == "YES"
    picture(browser, "page-at-risk")
    assert no_complaints(browser) == []


def test_greycloak_is_found_from_the_root_and_from_the_list_of_plugins(browser, orthanc):
    browser.get(f"{orthanc.url}/greycloak")
    wait(browser, by_id("status"))
    assert "greycloak/page/index.html" in orthanc.get("/plugins/python")["RootUri"]


HOSTILE = "<img src=x onerror=alert(1)> \u202ecba"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_an_instance_before_and_after(browser, orthanc, scheme):
    answer = orthanc.upload(
        encode(
            ct(
                SpecificCharacterSet="ISO_IR 192",
                PatientID=f"MRN-{scheme}",
                StudyInstanceUID=f"1.2.3.55.{len(scheme)}",
                SeriesInstanceUID=f"1.2.3.56.{len(scheme)}",
                SOPInstanceUID=f"1.2.3.57.{len(scheme)}",
                StudyDescription=HOSTILE,
                BurnedInAnnotation="NO",
            )
        )
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get("about:blank")
    browser.get(f"{orthanc.url}/greycloak/page/index.html?studies={answer['ParentStudy']}")
    wait(browser, by_id("look")).click()
    wait(browser, by_id("preview"))
    table = browser.find_element(By.ID, "preview-rows")
    assert "<img src=x onerror=alert(1)> \\u{202e}cba" in table.text
    assert "PatientName\n(0010,0010)\nreplaced Doe^Jonathan" in table.text
    assert "Table E.1-1" in table.text
    assert "Modality" not in table.text
    browser.find_element(By.ID, "preview-all").click()
    assert "Modality" in table.text
    browser.find_element(By.ID, "preview-all").click()
    picture(browser, f"preview-{scheme}")
    for width in (1100, 380):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    picture(browser, f"preview-narrow-{scheme}")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert no_complaints(browser) == []
    project = browser.find_element(By.ID, "project")
    project.send_keys("-2")
    browser.find_element(By.ID, "facts").click()
    wait(browser, expected.invisibility_of_element_located((By.ID, "preview")))
